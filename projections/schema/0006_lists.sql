-- What lists are read by. Few of these rows are written, and few of them stand twice.
CREATE INDEX entities_kind ON entities (kind) WHERE canonical = id;
CREATE INDEX sources_listed ON sources (id COLLATE "C");
