using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>distribution-spec v1.1, "Pushing blobs": at once, in one stream, in chunks, or by mounting what another repository has.</summary>
internal sealed class UploadEndpoints(BlobStore blobs, UploadSessions sessions)
{
    /// <summary>Bytes of one blob.</summary>
    private const long MaxBlob = 20L << 30;

    /// <summary>Bytes that must stay free: a push must never fill the disk that the database is on.</summary>
    private const long FreeSpaceFloor = 1L << 30;

    /// <param name="keyOf">A repository that the caller may read; null: none.</param>
    public async Task Start(RepositoryRequest request, Func<RepositoryName, RepositoryKey?> keyOf)
    {
        var query = request.Context.Request.Query;
        var repository = request.Opened();
        if (query.TryGetValue("mount", out var mounted))
        {
            var digest = Digest.TryParse(mounted, out var parsed) ? parsed : throw RegistryError.DigestMalformed();
            if (MayMount(request, query["from"], digest, keyOf))
            {
                request.Store.LinkBlob(repository, digest, blobs.SizeOf(digest) ?? 0);
                Created(request, digest);
                return;
            }
        }

        // DriveInfo wants a folder that exists.
        Directory.CreateDirectory(blobs.Root);
        if (new DriveInfo(blobs.Root).AvailableFreeSpace < FreeSpaceFloor)
        {
            throw RegistryError.DiskFull();
        }

        if (query.TryGetValue("digest", out var promised))
        {
            var digest = Digest.TryParse(promised, out var parsed) ? parsed : throw RegistryError.DigestMalformed();
            await using var writer = blobs.CreateWriter();
            await ReceiveAsync(request, writer);
            await CommitAsync(request, repository, writer, digest);
            return;
        }

        var session = sessions.Start(repository);
        Accepted(request, session, StatusCodes.Status202Accepted);
    }

    public async Task Status(RepositoryRequest request, string id)
    {
        var session = await sessions.EnterAsync(id, request.Opened(), request.Aborted);
        Accepted(request, session, StatusCodes.Status204NoContent);
        sessions.Leave(session);
    }

    public async Task Append(RepositoryRequest request, string id)
    {
        var session = await sessions.EnterAsync(id, request.Opened(), request.Aborted);
        try
        {
            if (!IsInOrder(request, session))
            {
                Accepted(request, session, StatusCodes.Status416RangeNotSatisfiable);
                return;
            }

            await ReceiveAsync(request, session.Writer);
            Accepted(request, session, StatusCodes.Status202Accepted);
        }
        finally
        {
            sessions.Leave(session);
        }
    }

    public async Task Finish(RepositoryRequest request, string id)
    {
        var repository = request.Opened();
        var session = await sessions.EnterAsync(id, repository, request.Aborted);
        try
        {
            if (!Digest.TryParse(request.Context.Request.Query["digest"], out var digest))
            {
                throw RegistryError.DigestMalformed();
            }

            if (!IsInOrder(request, session))
            {
                Accepted(request, session, StatusCodes.Status416RangeNotSatisfiable);
                return;
            }

            await ReceiveAsync(request, session.Writer);
            try
            {
                await CommitAsync(request, repository, session.Writer, digest);
            }
            finally
            {
                sessions.End(session);
            }
        }
        finally
        {
            sessions.Leave(session);
        }
    }

    public async Task Cancel(RepositoryRequest request, string id)
    {
        var session = await sessions.EnterAsync(id, request.Opened(), request.Aborted);
        sessions.End(session);
        sessions.Leave(session);
        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>The right to read the source is what makes a mount more than a guess of a digest. Without it: an ordinary upload.</summary>
    private bool MayMount(RepositoryRequest request, string? from, Digest digest, Func<RepositoryName, RepositoryKey?> keyOf) =>
        RepositoryName.TryParse(from, out var source)
        && keyOf(source) is { } key
        && request.Store.Find(key) is { } repository
        && request.Store.HasBlob(repository, digest)
        && blobs.TryRenew(digest);

    /// <summary>A chunk that says where it belongs ("first-last") must go on where the last one ended.</summary>
    private static bool IsInOrder(RepositoryRequest request, UploadSession session)
    {
        var header = request.Context.Request.Headers.ContentRange.ToString();
        return header.Length == 0
            || (header.Split('-') is [var first, _]
                && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                && offset == session.Writer.Written);
    }

    private static async Task ReceiveAsync(RepositoryRequest request, BlobWriter writer)
    {
        // A slow line is no attack here, and the edge in front has limits of its own.
        if (request.Context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var body = request.Context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(request.Aborted);
            foreach (var piece in read.Buffer)
            {
                // The writer gathers the pipe's small pieces.
                await writer.WriteAsync(piece, request.Aborted);
            }

            body.AdvanceTo(read.Buffer.End);
            if (writer.Written > MaxBlob)
            {
                throw RegistryError.UploadTooLarge(MaxBlob);
            }

            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static async Task CommitAsync(RepositoryRequest request, long repository, BlobWriter writer, Digest digest)
    {
        try
        {
            var (_, size) = await writer.CommitAsync(digest, request.Aborted);
            request.Store.LinkBlob(repository, digest, size);
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

    private static void Accepted(RepositoryRequest request, UploadSession session, int status)
    {
        var response = request.Context.Response;
        response.StatusCode = status;
        response.Headers.Location = request.Location($"blobs/uploads/{session.Id}");
        response.Headers.Range = string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, session.Writer.Written - 1)}");
        response.Headers["Docker-Upload-UUID"] = session.Id;
    }
}
