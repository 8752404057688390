using System.Collections.Concurrent;
using System.Security.Cryptography;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>One upload under way; its URL stays the same to the end.</summary>
internal sealed class UploadSession(string id, long repository, BlobWriter writer, DateTimeOffset now) : IDisposable
{
    public string Id { get; } = id;

    public long Repository { get; } = repository;

    public BlobWriter Writer { get; } = writer;

    /// <summary>One writer at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    public DateTimeOffset UsedAt { get; set; } = now;

    public void Dispose()
    {
        Writer.Dispose();
        Turn.Dispose();
    }
}

/// <summary>Uploads under way, in memory: no client resumes one after a restart, each starts anew with a POST.</summary>
internal sealed class UploadSessions(BlobStore blobs, TimeProvider time) : IDisposable
{
    private const int Most = 256;

    private static readonly TimeSpan IdleAtMost = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, UploadSession> _sessions = new(StringComparer.Ordinal);

    /// <exception cref="RegistryError">TOOMANYREQUESTS.</exception>
    public UploadSession Start(long repository)
    {
        DropIdle();
        if (_sessions.Count >= Most)
        {
            throw RegistryError.TooManyUploads();
        }

        var session = new UploadSession(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), repository, blobs.CreateWriter(), time.GetUtcNow());
        _sessions[session.Id] = session;
        return session;
    }

    /// <summary>Waits for the session's turn; <see cref="Leave"/> gives it back.</summary>
    /// <exception cref="RegistryError">BLOB_UPLOAD_UNKNOWN.</exception>
    public async Task<UploadSession> EnterAsync(string id, long repository, CancellationToken cancellationToken)
    {
        if (!_sessions.TryGetValue(id, out var session) || session.Repository != repository)
        {
            throw RegistryError.UploadUnknown();
        }

        await session.Turn.WaitAsync(cancellationToken);
        if (!_sessions.ContainsKey(id))
        {
            session.Turn.Release();
            throw RegistryError.UploadUnknown();
        }

        return session;
    }

    public void Leave(UploadSession session)
    {
        session.UsedAt = time.GetUtcNow();
        session.Turn.Release();
    }

    /// <summary>Ends it; what was not committed is thrown away. Whoever calls has the turn.</summary>
    public void End(UploadSession session)
    {
        if (_sessions.TryRemove(session.Id, out _))
        {
            session.Writer.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
    }

    private void DropIdle()
    {
        var limit = time.GetUtcNow() - IdleAtMost;
        foreach (var session in _sessions.Values.Where(session => session.UsedAt < limit && session.Turn.Wait(0)))
        {
            End(session);
            session.Turn.Release();
        }
    }
}
