-- The registry as a cache of others: docker.io/library/node holds what was pulled of library/node from there.
-- Null: not one of these. The row belongs to the administrator's team.
ALTER TABLE repositories ADD COLUMN upstream TEXT;
-- Of a manifest in such a repository: when somebody last pulled it, give or take an hour. What nobody has pulled for a month is dropped by
-- UpstreamExpiry, tagged or not, and garbage collection takes its blobs as it takes any that nothing names. Retention and the rule on
-- untagged manifests leave these repositories alone (upstream IS NOT NULL): an image that is pulled by digest never has a tag here.
ALTER TABLE manifests ADD COLUMN last_used_at TEXT;
CREATE INDEX repositories_of_upstreams ON repositories(upstream) WHERE upstream IS NOT NULL;
