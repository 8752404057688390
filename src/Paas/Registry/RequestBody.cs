using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Paas.Oci;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace Paas.Registry;

/// <summary>Takes the bodies of requests: blobs into their file as they come, manifests into memory.</summary>
internal sealed class RequestBody(RegistryOptions options, StorageLimits limits, TimeProvider time)
{
    /// <summary>Bytes between two looks at the disk.</summary>
    private const long LookEvery = 16 << 20;

    private static readonly MinDataRate Trickle = new(240, TimeSpan.FromMinutes(1));

    /// <summary>All of the body; when this throws, what came of it is with the writer.</summary>
    /// <param name="ended">The upload was cancelled.</param>
    /// <exception cref="RegistryError">It is more than it may be, the disk is almost full, or it only trickles.</exception>
    /// <exception cref="BadHttpRequestException">The client went away, or sent another number of bytes than it said.</exception>
    public async Task ReceiveAsync(RepositoryRequest request, BlobWriter writer, BlobAllowance allowance, CancellationToken ended)
    {
        allowance.Check(writer.Written + (request.Context.Request.ContentLength ?? 0));
        Unlimit(request.Context);
        using var pace = new BodyPace(options, time, request.Aborted, ended);
        var (body, arrived, look) = (request.Context.Request.BodyReader, writer.Written, writer.Written + LookEvery);
        try
        {
            await using var behind = new WriteBehind(writer, request.Context.Request.ContentLength);
            while (true)
            {
                var read = await body.ReadAsync(pace.Token);
                var (count, isLast) = (read.Buffer.Length, read.IsCompleted);
                try
                {
                    await behind.AppendAsync(read.Buffer);
                }
                finally
                {
                    body.AdvanceTo(read.Buffer.End);
                }

                pace.Arrived(count);
                arrived += count;
                allowance.Check(arrived);
                if (arrived >= look)
                {
                    limits.CheckDisk();
                    look = arrived + LookEvery;
                }

                if (isLast)
                {
                    await behind.FlushAsync();
                    return;
                }
            }
        }
        catch (IOException exception) when (RegistryError.IsDiskFull(exception))
        {
            throw RegistryError.DiskFull();
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            throw RegistryError.UploadUnknown();
        }
        catch (OperationCanceledException) when (pace.WasTooSlow)
        {
            throw RegistryError.TooSlow();
        }
    }

    /// <exception cref="RegistryError">SIZE_INVALID, or it only trickles.</exception>
    public async Task<byte[]> ReadManifestAsync(RepositoryRequest request)
    {
        if (request.Context.Request.ContentLength > options.MaxManifest)
        {
            throw RegistryError.ManifestTooLarge(options.MaxManifest);
        }

        Unlimit(request.Context);
        using var pace = new BodyPace(options, time, request.Aborted);
        var body = new MemoryStream((int)(request.Context.Request.ContentLength ?? 0));
        var buffer = new byte[64 << 10];
        try
        {
            for (var count = -1; count != 0;)
            {
                count = await request.Context.Request.Body.ReadAsync(buffer, pace.Token);
                pace.Arrived(count);
                body.Write(buffer.AsSpan(0, count));
                if (body.Length > options.MaxManifest)
                {
                    throw RegistryError.ManifestTooLarge(options.MaxManifest);
                }
            }
        }
        catch (OperationCanceledException) when (pace.WasTooSlow)
        {
            throw RegistryError.TooSlow();
        }

        return body.ToArray();
    }

    /// <summary>Ends the answer, reads what is left of a refused body and keeps nothing of it. The edge reads the answer once it has sent all of the body, and
    /// Kestrel by itself ends the connection after 5 seconds, or at once where a body is over the limit of other requests.</summary>
    public static async Task DiscardRestAsync(HttpContext context)
    {
        Unlimit(context, Trickle);
        try
        {
            await context.Response.CompleteAsync();
            for (var isLast = false; !isLast;)
            {
                var read = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                isLast = read.IsCompleted;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client went away, as it may: it has its answer.
        }
    }

    /// <summary>Images have no limit that a request has.</summary>
    /// <param name="least">Null: the pace is watched by <see cref="BodyPace"/>.</param>
    private static void Unlimit(HttpContext context, MinDataRate? least = null)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = least;
        }
    }
}
