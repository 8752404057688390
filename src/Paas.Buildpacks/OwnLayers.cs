using System.Collections.Concurrent;
using System.Security.Cryptography;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The layers that the lifecycle itself adds to images (launcher, config, process types), by what is in them: made once for all apps.</summary>
internal sealed class OwnLayers(Layers layers)
{
    /// <summary>Few: apps of one kind share theirs. At this many all are forgotten, which costs each its making once more.</summary>
    private const int Most = 1000;

    private readonly ConcurrentDictionary<string, Layer> _known = new(StringComparer.Ordinal);

    /// <param name="key">All that decides what is in the layer.</param>
    public async Task<Layer> GetAsync(string key, Func<Task<Layer>> make)
    {
        var hash = Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key)));
        if (_known.TryGetValue(hash, out var known) && layers.TryRenew(known))
        {
            return known;
        }

        if (_known.Count >= Most)
        {
            _known.Clear();
        }

        var made = await make();
        _known[hash] = made with { Notes = [], Reused = true };
        return made;
    }

    /// <summary>A file's content.</summary>
    public static string KeyOfFile(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
}
