using System.Collections.Concurrent;

namespace Paas.Oci;

/// <summary>Images that something in this process runs from now, for as long as it runs: one-offs, release commands, builds.
/// (Instances outlive the process: the database knows theirs.)</summary>
public sealed class ImageUses
{
    private readonly ConcurrentDictionary<Use, Digest> _uses = [];

    /// <summary>Manifests in use; an image may be there more than once.</summary>
    public IEnumerable<Digest> All => _uses.Values;

    /// <summary>Dispose it when nothing runs from the image any more.</summary>
    public IDisposable Begin(Digest image)
    {
        var use = new Use(this);
        _uses[use] = image;
        return use;
    }

    private sealed class Use(ImageUses uses) : IDisposable
    {
        public void Dispose() => uses._uses.TryRemove(this, out _);
    }
}
