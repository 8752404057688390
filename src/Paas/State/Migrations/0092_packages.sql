-- What is inside images, by where it was read: a layer's diff id, so that the packages of one run image are kept once for all apps on it.
CREATE TABLE package_lists(
  id INTEGER PRIMARY KEY,
  layer TEXT NOT NULL,
  -- "os": the package list of the distribution in the image, "sbom": what the buildpacks said
  kind TEXT NOT NULL CHECK (kind IN ('os', 'sbom')),
  UNIQUE (layer, kind)) STRICT;
CREATE TABLE packages(
  list_id INTEGER NOT NULL REFERENCES package_lists(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  origin TEXT NOT NULL,
  source TEXT,
  purl TEXT) STRICT;
CREATE INDEX packages_by_list ON packages(list_id);
CREATE INDEX packages_by_name ON packages(name);
CREATE INDEX packages_by_source ON packages(source) WHERE source IS NOT NULL;

-- Which lists an image has, by the digest of its manifest. An image that was read and has none is in package_images alone.
CREATE TABLE package_images(image TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE image_package_lists(
  image TEXT NOT NULL REFERENCES package_images(image) ON DELETE CASCADE,
  list_id INTEGER NOT NULL REFERENCES package_lists(id) ON DELETE CASCADE,
  PRIMARY KEY (image, list_id)) STRICT, WITHOUT ROWID;
CREATE INDEX images_by_package_list ON image_package_lists(list_id);
