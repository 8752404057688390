using System.Globalization;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Pushing blobs": at once, in one stream, in chunks, or by mounting what another repository has.</summary>
internal sealed class UploadEndpoints(BlobStore blobs, UploadSessions sessions, BlobMounts mounts, StorageLimits limits, RequestBody body)
{
    public async Task Start(RepositoryRequest request)
    {
        var query = request.Context.Request.Query;
        var repository = request.Opened();
        if (query.TryGetValue("mount", out var mounted) && mounts.TryMount(request, repository, DigestOf(mounted), query["from"]) is { } linked)
        {
            Created(request, linked);
            return;
        }

        var allowance = limits.Of(repository, request);
        if (query.TryGetValue("digest", out var promised))
        {
            var digest = DigestOf(promised);
            await using var writer = blobs.CreateWriter();
            writer.HashWith(digest.Algorithm);
            await body.ReceiveAsync(request, writer, allowance, CancellationToken.None);
            await CommitAsync(request, repository, writer, digest);
            return;
        }

        // spec.md after 1.1.1, end-4c: saves reading it all again at the end.
        var algorithm = query["digest-algorithm"] switch { [] or [""] or ["sha256"] => "sha256", ["sha512"] => "sha512", _ => throw RegistryError.DigestMalformed() };
        var session = sessions.Start(repository, algorithm);
        Accepted(request, session.Id, 0, StatusCodes.Status202Accepted);
    }

    public Task Status(RepositoryRequest request, string id)
    {
        Accepted(request, id, sessions.OffsetOf(id, RepositoryOf(request)), StatusCodes.Status204NoContent);
        return Task.CompletedTask;
    }

    public async Task Append(RepositoryRequest request, string id)
    {
        var session = await sessions.EnterAsync(id, RepositoryOf(request), request.Aborted);
        try
        {
            if (await TakeAsync(request, session))
            {
                Accepted(request, id, session.Writer.Written, StatusCodes.Status202Accepted);
            }
        }
        finally
        {
            sessions.Leave(session);
        }
    }

    public async Task Finish(RepositoryRequest request, string id)
    {
        var repository = RepositoryOf(request);
        var digest = DigestOf(request.Context.Request.Query["digest"]);
        var session = await sessions.EnterAsync(id, repository, request.Aborted);
        try
        {
            session.Writer.HashWith(digest.Algorithm);
            if (!await TakeAsync(request, session))
            {
                return;
            }

            try
            {
                await CommitAsync(request, repository, session.Writer, digest);
                sessions.End(session);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                sessions.End(session);
                throw;
            }
        }
        finally
        {
            sessions.Leave(session);
        }
    }

    public async Task Cancel(RepositoryRequest request, string id)
    {
        await sessions.CancelAsync(id, RepositoryOf(request), request.Aborted);
        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Nothing is made: an upload is only where one was started.</summary>
    private static long RepositoryOf(RepositoryRequest request) => request.Store.Find(request.Key) ?? throw RegistryError.UploadUnknown();

    private static Digest DigestOf(string? text) => Digest.TryParse(text, out var digest) ? digest : throw RegistryError.DigestMalformed();

    /// <summary>Appends the body when it belongs here. False: it does not, and 416 says where to go on. Whatever was wrong, the session lives;
    /// only what can never be finished ends it.</summary>
    private async Task<bool> TakeAsync(RepositoryRequest request, UploadSession session)
    {
        var (writer, start) = (session.Writer, session.Writer.Written);
        var range = ChunkRange.Of(request.Context.Request);
        if (range is { First: var first } && first != start)
        {
            Accepted(request, session.Id, start, StatusCodes.Status416RangeNotSatisfiable);
            return false;
        }

        range?.Check(request.Context.Request.ContentLength);
        try
        {
            await body.ReceiveAsync(request, writer, limits.Of(session.Repository, request), session.Ended);
        }
        catch (RegistryError error) when (error.EndsUpload)
        {
            sessions.End(session);
            throw;
        }

        if (range is { Count: var count } && writer.Written - start != count)
        {
            var came = writer.Written - start;
            writer.Truncate(start);
            throw RegistryError.ChunkLength(count, came);
        }

        return true;
    }

    private static async Task CommitAsync(RepositoryRequest request, long repository, BlobWriter writer, Digest digest)
    {
        try
        {
            var (_, size) = await writer.CommitAsync(digest, request.Aborted);
            request.Store.LinkPushed(repository, digest, size, request.Name);
        }
        catch (DigestMismatchException mismatch)
        {
            throw RegistryError.DigestMismatch(mismatch.Message);
        }

        Created(request, digest);
    }

    private static void Created(RepositoryRequest request, Digest digest)
    {
        var response = request.Context.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.Location = request.Location($"blobs/{digest}");
        response.Headers["Docker-Content-Digest"] = digest.ToString();
    }

    private static void Accepted(RepositoryRequest request, string id, long offset, int status)
    {
        var response = request.Context.Response;
        response.StatusCode = status;
        response.Headers.Location = request.Location($"blobs/uploads/{id}");
        response.Headers.Range = string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, offset - 1)}");
        response.Headers["Docker-Upload-UUID"] = id;
    }
}
