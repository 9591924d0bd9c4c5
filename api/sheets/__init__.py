"""Spreadsheets → entries of a record file, by a map that says what each column means.

A sheet is read (sheet.py), its cells become dates, entities and entries by the map (sheet_map.py),
in one of three shapes: spells, panels and snapshots. What comes out goes the way of every import.
"""
