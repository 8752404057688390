using System.Text;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>Random pushes, tags, deletes and releases, with a collection after each few: what can be reached is there and has its digest, and
/// what cannot is gone after the grace time.</summary>
public sealed class CollectionUnderWayTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task What_is_reachable_is_whole_and_the_rest_goes(int seed)
    {
        using var lab = new CollectionLab();
        var random = new Random(seed);
        var model = new Model(lab, random);
        for (var step = 0; step < 120; step++)
        {
            await model.StepAsync();
            if (random.Next(4) == 0)
            {
                lab.LaterBy(TimeSpan.FromMinutes(random.Next(1, 300)));
                await lab.CollectAsync(dryRun: random.Next(3) == 0, limit: random.Next(5) == 0 ? TimeSpan.FromMilliseconds(random.Next(5)) : null);
                await model.CheckAsync();
            }
        }

        // Leases are on the disk's own clock, so days from now everything that nothing names is free; twice, because what loses its tag is held once more.
        lab.LaterBy(TimeSpan.FromDays(3));
        await lab.CollectAsync();
        lab.LaterBy(TimeSpan.FromDays(3));
        await lab.CollectAsync();
        await model.CheckAsync();
        Assert.Equal(model.Needed().Order(), lab.Blobs.All().Select(digest => digest.ToString()).Order());
    }

    /// <summary>What should be there, kept beside the registry in the simplest way.</summary>
    private sealed class Model(CollectionLab lab, Random random)
    {
        private readonly Dictionary<(long Repository, string Tag), Digest> _tags = [];
        private readonly Dictionary<Digest, List<string>> _contents = [];
        private readonly Dictionary<Digest, List<Digest>> _children = [];
        private readonly List<(long Repository, Digest Referrer, Digest Subject)> _referrers = [];

        public async Task StepAsync()
        {
            var repository = random.Next(2) == 0 ? lab.Hello : lab.Base;
            var tag = $"t{random.Next(6)}";
            switch (random.Next(9))
            {
                case 0 or 1 or 2:
                    _tags[(repository, tag)] = await ImageAsync(repository, tag, null);
                    break;
                case 3:
                    await ImageAsync(repository, null, null);
                    break;
                case 4:
                    var children = new[] { await ImageAsync(repository, null, null), await ImageAsync(repository, null, null) };
                    var index = await lab.IndexAsync(repository, tag, children);
                    (_contents[index], _children[index]) = ([index.ToString()], [.. children]);
                    _tags[(repository, tag)] = index;
                    break;
                case 5 when _tags.Count > 0:
                    var (key, subject) = _tags.ElementAt(random.Next(_tags.Count));
                    _referrers.Add((key.Repository, await ImageAsync(key.Repository, null, subject), subject));
                    break;
                case 6 when _tags.Count > 0:
                    var gone = _tags.Keys.ElementAt(random.Next(_tags.Count));
                    lab.Delete(gone.Repository, gone.Tag);
                    _tags.Remove(gone);
                    break;
                case 7 when _tags.Count > 0:
                    lab.Needs.Add(new ContentRoot("a release") { Image = _tags.Values.ElementAt(random.Next(_tags.Count)) });
                    break;
                case 8 when lab.Needs.Count > 2:
                    lab.Needs.RemoveAt(0);
                    break;
                default:
                    await lab.BlobAsync(repository, $"stray {random.Next(20)}");
                    break;
            }
        }

        /// <summary>Digests of the blobs that something names.</summary>
        public HashSet<string> Needed()
        {
            var manifests = new HashSet<(long Repository, Digest Digest)>();
            foreach (var ((repository, _), digest) in _tags)
            {
                Reach(repository, digest, manifests);
            }

            // Rows of a release's image stay in each repository that has them.
            foreach (var repository in (long[])[lab.Hello, lab.Base])
            {
                foreach (var image in lab.Needs.Select(need => need.Image!.Value).Where(image => lab.HasManifest(repository, image)))
                {
                    Reach(repository, image, manifests);
                }
            }

            for (var grown = true; grown;)
            {
                grown = false;
                foreach (var (repository, referrer, _) in _referrers.Where(item => manifests.Contains((item.Repository, item.Subject))))
                {
                    grown |= manifests.Add((repository, referrer));
                }
            }

            var needed = manifests.SelectMany(manifest => _contents[manifest.Digest]).ToHashSet(StringComparer.Ordinal);
            foreach (var image in lab.Needs.Select(need => need.Image!.Value))
            {
                needed.UnionWith(_children.GetValueOrDefault(image, []).Prepend(image).SelectMany(digest => _contents[digest]));
            }

            return needed;
        }

        public async Task CheckAsync()
        {
            foreach (var text in Needed())
            {
                var digest = Digest.Parse(text);
                Assert.Equal(digest, Digest.Of(await lab.Blobs.ReadAsync(digest, Cancelled)));
            }

            foreach (var ((repository, tag), digest) in _tags)
            {
                Assert.Contains(tag, lab.Tags(repository));
                Assert.True(lab.HasManifest(repository, digest));
                Assert.All(_contents[digest].Skip(1), blob => Assert.True(lab.Store.HasBlob(repository, Digest.Parse(blob))));
            }
        }

        private void Reach(long repository, Digest digest, HashSet<(long Repository, Digest Digest)> reached)
        {
            reached.Add((repository, digest));
            foreach (var child in _children.GetValueOrDefault(digest, []))
            {
                Reach(repository, child, reached);
            }
        }

        private async Task<Digest> ImageAsync(long repository, string? tag, Digest? subject)
        {
            string[] layers = [$"layer {random.Next(12)}", $"layer {random.Next(12)} {random.Next(12)}"];
            var digest = await lab.ImageAsync(repository, tag, layers, subject);
            var content = Encoding.UTF8.GetString(await lab.Blobs.ReadAsync(digest, Cancelled));
            var manifest = System.Text.Json.JsonSerializer.Deserialize(content, OciJson.Canonical.Manifest)!;
            _contents[digest] = [digest.ToString(), manifest.Config.Digest.ToString(), .. manifest.Layers.Select(layer => layer.Digest.ToString())];
            return digest;
        }
    }
}
