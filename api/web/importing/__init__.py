"""/import: a spreadsheet or pasted cells → entries, by forms that need no scripts."""
