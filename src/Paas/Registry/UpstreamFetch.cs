using System.IO.Pipelines;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>A blob on its way from another registry into the content store. Whoever waits for it reads what has arrived.</summary>
/// <remarks>The last byte is held back until the digest is known to be right and the blob is in the store: nobody ever gets a whole wrong one,
/// and whoever has it all finds it here from then on.</remarks>
internal sealed class UpstreamFetch(Descriptor blob, BlobStore blobs)
{
    private const int BufferSize = 256 << 10;

    /// <summary>Bytes.</summary>
    private const long CheckEvery = 64 << 20;

    private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile BlobWriter? _writer;
    private long _readable;

    /// <summary>Ends when the blob is in the content store.</summary>
    public Task Done { get; private set; } = Task.CompletedTask;

    /// <summary>Ends when there is something to read, or nothing will come.</summary>
    public Task BeganAsync(CancellationToken cancellationToken) => Task.WhenAny(_began.Task, Done).Unwrap().WaitAsync(cancellationToken);

    /// <param name="turns">Only so many at once.</param>
    /// <param name="check">Called now and then: throws when there is no room.</param>
    /// <param name="arrived">Called when the blob is in the store, before anybody hears of it.</param>
    /// <param name="end">Called at the end, whatever it is.</param>
    public void Start(RemoteRepository remote, SemaphoreSlim turns, Action check, Action arrived, Action end, CancellationToken cancellationToken) =>
        Done = RunAsync(remote, turns, check, arrived, end, cancellationToken);

    /// <summary>Sends the part of the blob as it arrives.</summary>
    public async Task CopyAsync(ByteRange range, PipeWriter to, CancellationToken cancellationToken)
    {
        for (var (offset, left) = (range.Offset, range.Count); left > 0;)
        {
            var moved = _moved.Task;
            var readable = Math.Min(Volatile.Read(ref _readable), blob.Size - 1);
            if (readable <= offset)
            {
                if (Done.IsCompleted)
                {
                    await Done;
                    await RestAsync(new ByteRange(offset, left), to, cancellationToken);
                    return;
                }

                await Task.WhenAny(moved, Done).WaitAsync(cancellationToken);
                continue;
            }

            var most = (int)Math.Min(BufferSize, Math.Min(left, readable - offset));
            var memory = to.GetMemory(most);
            int count;
            try
            {
                count = _writer!.ReadWritten(memory.Span[..most], offset);
            }
            catch (ObjectDisposedException)
            {
                // The file has its own name now, or is gone.
                await Done.WaitAsync(cancellationToken);
                await RestAsync(new ByteRange(offset, left), to, cancellationToken);
                return;
            }

            to.Advance(count);
            (offset, left) = (offset + count, left - count);
            if ((await to.FlushAsync(cancellationToken)) is { IsCompleted: true } or { IsCanceled: true })
            {
                return;
            }
        }
    }

    private async Task RestAsync(ByteRange range, PipeWriter to, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(
            blobs.PathOf(blob.Digest) ?? throw new IOException($"The blob {blob.Digest} is gone."), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        await BlobDelivery.CopyAsync(file, range, to, cancellationToken);
    }

    private async Task RunAsync(RemoteRepository remote, SemaphoreSlim turns, Action check, Action arrived, Action end, CancellationToken cancellationToken)
    {
        // Not under the caller's lock.
        await Task.Yield();
        var hasTurn = false;
        try
        {
            await turns.WaitAsync(cancellationToken);
            hasTurn = true;
            await using var writer = blobs.CreateWriter();
            writer.HashWith(blob.Digest.Algorithm);
            _writer = writer;
            var sinceCheck = 0L;
            await remote.CopyBlobAsync(
                blob,
                writer,
                count =>
                {
                    Moved(writer);
                    sinceCheck += count;
                    if (sinceCheck >= CheckEvery)
                    {
                        sinceCheck = 0;
                        check();
                    }
                },
                cancellationToken);
            await writer.FlushAsync(cancellationToken);
            Moved(writer);
            await writer.CommitAsync(blob.Digest, cancellationToken);
            arrived();
        }
        catch (DigestMismatchException mismatch)
        {
            throw new RegistryClientException(RegistryFault.BadAnswer, $"{remote.Image.Host} sent other bytes than promised. {mismatch.Message}", mismatch);
        }
        finally
        {
            if (hasTurn)
            {
                turns.Release();
            }

            end();
        }
    }

    private void Moved(BlobWriter writer)
    {
        if (writer.Readable > _readable)
        {
            Volatile.Write(ref _readable, writer.Readable);
            _began.TrySetResult();
            Interlocked.Exchange(ref _moved!, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))!.SetResult();
        }
    }
}
