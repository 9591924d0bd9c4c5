-- Facts are written far more often than any one of them is looked up, and a B-tree costs a fifth of
-- what GiST does to write. The second column keeps an old version out of the way of the last one;
-- the order of the other is that in which facts are listed.
DROP INDEX versions_fact;
CREATE INDEX versions_fact ON versions (fact, upper(recorded));
DROP INDEX versions_type;
CREATE INDEX versions_type ON versions (type, earliest, latest, fact COLLATE "C");
