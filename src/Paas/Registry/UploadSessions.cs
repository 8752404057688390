using System.Globalization;
using System.Security.Cryptography;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>One upload under way; its URL stays the same to the end.</summary>
internal sealed class UploadSession(string id, long repository, BlobWriter writer, DateTimeOffset now) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();

    public string Id { get; } = id;

    public long Repository { get; } = repository;

    public BlobWriter Writer { get; } = writer;

    /// <summary>One writer at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>Bytes in the file when it was last left.</summary>
    public long Offset { get; set; } = writer.Written;

    public DateTimeOffset UsedAt { get; set; } = now;

    /// <summary>Cancelled by its client: whoever still writes to it stops.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Its file is closed: committed, cancelled or only put away until somebody goes on.</summary>
    public bool IsClosed { get; private set; }

    public Task CancelAsync() => _ended.CancelAsync();

    /// <summary>Whoever calls has the turn.</summary>
    public void Close()
    {
        IsClosed = true;
        Writer.Dispose();
    }

    public void Dispose()
    {
        Close();
        Turn.Dispose();
        _ended.Dispose();
    }
}

/// <summary>Uploads under way. What lasts is a file each (<see cref="PartialBlobs"/>): its folder says which repository, its length
/// is the offset. In memory are the open files and the running hashes of those in use; a restart costs no more than hashing again.</summary>
/// <remarks>There is no table of them: nothing can disagree with the files, and an upload costs no write to the database before its commit.</remarks>
internal sealed class UploadSessions(PartialBlobs partials, RegistryOptions options, TimeProvider time) : IDisposable
{
    /// <summary>How long a file stays open for a client that thinks.</summary>
    private static readonly TimeSpan OpenAtMost = TimeSpan.FromMinutes(10);

    /// <summary>How long a request waits for another one that writes: mostly that one's client is gone and its end not yet seen.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, UploadSession> _open = new(StringComparer.Ordinal);

    /// <summary>Those that are uploaded to now: garbage collection leaves alone what a push has linked there so far.</summary>
    public IReadOnlySet<long> Repositories => partials.All().Select(partial => long.Parse(partial.Owner, CultureInfo.InvariantCulture)).ToHashSet();

    /// <exception cref="RegistryError">TOOMANYREQUESTS.</exception>
    public UploadSession Start(long repository, string algorithm)
    {
        var owner = OwnerOf(repository);
        if (partials.CountOf(owner) >= options.MaxUploads)
        {
            throw RegistryError.TooManyUploads();
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var session = new UploadSession(id, repository, partials.Create(owner, id), time.GetUtcNow());
        session.Writer.HashWith(algorithm);
        lock (_lock)
        {
            _open[id] = session;
        }

        return session;
    }

    /// <summary>Bytes that have arrived; waits for nobody.</summary>
    /// <exception cref="RegistryError">BLOB_UPLOAD_UNKNOWN.</exception>
    public long OffsetOf(string id, long repository) => Find(id, repository).Offset;

    /// <summary>Waits for the session's turn; <see cref="Leave"/> gives it back.</summary>
    /// <exception cref="RegistryError">BLOB_UPLOAD_UNKNOWN; BLOB_UPLOAD_INVALID: another request keeps writing.</exception>
    public async Task<UploadSession> EnterAsync(string id, long repository, CancellationToken cancellationToken)
    {
        while (true)
        {
            var session = Find(id, repository);
            if (!await session.Turn.WaitAsync(Patience, cancellationToken))
            {
                throw RegistryError.UploadBusy();
            }

            if (!session.IsClosed)
            {
                return session;
            }

            session.Turn.Release();
        }
    }

    public void Leave(UploadSession session)
    {
        try
        {
            if (!session.IsClosed)
            {
                session.Writer.Flush();
                session.Offset = session.Writer.Written;
            }
        }
        catch (IOException)
        {
            // What did not get into the file was never confirmed; whoever goes on finds the file as it is.
            PutAway(session);
        }
        finally
        {
            session.UsedAt = time.GetUtcNow();
            session.Turn.Release();
        }
    }

    /// <summary>Ends it; what was not committed is thrown away. Whoever calls has the turn.</summary>
    public void End(UploadSession session)
    {
        session.Close();
        partials.Delete(OwnerOf(session.Repository), session.Id);
        Drop(session);
    }

    /// <summary>Stops whoever writes to it and throws it away.</summary>
    /// <exception cref="RegistryError">BLOB_UPLOAD_UNKNOWN.</exception>
    public async Task CancelAsync(string id, long repository, CancellationToken cancellationToken)
    {
        await Find(id, repository).CancelAsync();
        var session = await EnterAsync(id, repository, cancellationToken);
        End(session);
        Leave(session);
    }

    /// <summary>Closes the files that nobody has used for a while, and removes those that nobody has written to for <see cref="RegistryOptions.KeepUploads"/>.</summary>
    /// <returns>How many were removed, and their bytes.</returns>
    public (int Count, long Bytes) Purge()
    {
        var now = time.GetUtcNow();
        foreach (var session in Idle(now - OpenAtMost).Where(session => session.Turn.Wait(0)))
        {
            PutAway(session);
            session.Turn.Release();
        }

        var (count, bytes) = (0, 0L);
        foreach (var partial in partials.All().Where(partial => partial.WrittenAt < now - options.KeepUploads).ToList())
        {
            lock (_lock)
            {
                if (!_open.ContainsKey(partial.Id))
                {
                    partials.Delete(partial.Owner, partial.Id);
                    (count, bytes) = (count + 1, bytes + partial.Size);
                }
            }
        }

        return (count, bytes);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var session in _open.Values)
            {
                session.Dispose();
            }

            _open.Clear();
        }
    }

    private static string OwnerOf(long repository) => repository.ToString(CultureInfo.InvariantCulture);

    /// <summary>Ids become names of files.</summary>
    private static bool IsId(string text) => text.Length == 32 && !text.AsSpan().ContainsAnyExcept("0123456789abcdef");

    private UploadSession Find(string id, long repository)
    {
        lock (_lock)
        {
            if (_open.TryGetValue(id, out var session))
            {
                return session.Repository == repository ? session : throw RegistryError.UploadUnknown();
            }

            if (!IsId(id) || partials.Resume(OwnerOf(repository), id) is not { } writer)
            {
                throw RegistryError.UploadUnknown();
            }

            session = new UploadSession(id, repository, writer, time.GetUtcNow());
            _open[id] = session;
            return session;
        }
    }

    /// <summary>The file stays. Whoever calls has the turn.</summary>
    private void PutAway(UploadSession session)
    {
        if (!session.IsClosed)
        {
            session.Close();
            Drop(session);
        }
    }

    private void Drop(UploadSession session)
    {
        lock (_lock)
        {
            _open.Remove(session.Id);
        }
    }

    private List<UploadSession> Idle(DateTimeOffset limit)
    {
        lock (_lock)
        {
            return [.. _open.Values.Where(session => session.UsedAt < limit)];
        }
    }
}
