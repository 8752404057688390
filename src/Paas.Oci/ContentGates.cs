namespace Paas.Oci;

/// <summary>What one process writes to and deletes from a content store: a lock for each entry (striped), held while "it is there" is turned
/// into a promise and while it is deleted; and the temporary names that somebody writes to now.</summary>
/// <remarks>Only control writes and deletes, so locks in its memory are enough. What must outlive a restart is the lease: the entry's own
/// modification time.</remarks>
internal sealed class ContentGates
{
    private readonly Lock[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    public Lock Of(Digest digest) => _gates[(uint)digest.GetHashCode() % _gates.Length];

    public IDisposable CloseAll()
    {
        foreach (var gate in _gates)
        {
            gate.Enter();
        }

        return new AllClosed(_gates);
    }

    public string Open(string temporary)
    {
        lock (_open)
        {
            _open.Add(temporary);
        }

        return temporary;
    }

    public void Close(string temporary)
    {
        lock (_open)
        {
            _open.Remove(temporary);
        }
    }

    /// <summary>What nobody in this process writes to and nobody touched since.</summary>
    public IReadOnlyList<string> Abandoned(string directory, DateTimeOffset before)
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }

        lock (_open)
        {
            return [.. Directory.EnumerateFileSystemEntries(directory).Where(path => !_open.Contains(path) && ContentPath.LeasedAt(path) < before)];
        }
    }

    private sealed class AllClosed(Lock[] gates) : IDisposable
    {
        public void Dispose()
        {
            foreach (var gate in gates)
            {
                gate.Exit();
            }
        }
    }
}
