-- What the embedded server is asked and told beside the record.

-- name: create_database
-- In the single-user mode, in which a statement ends with its line.
CREATE DATABASE {database};

-- name: data_folder
-- The folder of the server that answers.
SHOW data_directory;
