-- A rebuild makes these trees of all rows at once, which takes a fifth less of time where rows go
-- down it many at a time.
ALTER INDEX intervals_scope SET (buffering = on);
ALTER INDEX intervals_subject SET (buffering = on);
