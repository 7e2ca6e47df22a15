-- Lists and neighbours by any set of filters, however many deployments a repository or an environment has had.
CREATE INDEX deployments_repository_state ON deployments (repository, state, id);
CREATE INDEX deployments_all ON deployments (repository, environment, state, id);
