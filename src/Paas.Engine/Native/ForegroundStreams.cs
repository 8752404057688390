using System.Text;
using Paas.Engine.Native.Interop;

namespace Paas.Engine.Native;

/// <summary>Connects a foreground process's three streams with the caller's. Until the sandbox is created, what comes out of
/// stderr is the runtime's own complaint and is kept.</summary>
internal sealed class ForegroundStreams : IDisposable
{
    private readonly RunStreams _streams;
    private readonly Pipes? _input;
    private readonly Pipes? _output;
    private readonly Pipes _error = new();
    private readonly StringBuilder _complaint = new();
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _created;

    public ForegroundStreams(RunStreams streams)
    {
        _streams = streams;
        _input = streams.Input is null ? null : new Pipes();
        _output = streams.Output is null ? null : new Pipes();
    }

    /// <summary>Our descriptors and the child's numbers for them.</summary>
    public IEnumerable<(int Ours, int Childs)> ForChild
    {
        get
        {
            if (_input is not null)
            {
                yield return (_input.ReadEnd, 0);
            }

            if (_output is not null)
            {
                yield return (_output.WriteEnd, 1);
            }

            yield return (_error.WriteEnd, 2);
        }
    }

    /// <summary>The last of what the runtime said before the sandbox was created.</summary>
    public string LastError => _complaint.ToString().Trim();

    /// <summary>From here on stderr is the sandbox's.</summary>
    public void Created() => _created = true;

    /// <summary>Closes the child's ends here and copies until it has closed its own. The caller's input is not waited for.</summary>
    public async Task PumpAsync()
    {
        _input?.CloseRead();
        _output?.CloseWrite();
        _error.CloseWrite();
        var feeding = _input is null ? Task.CompletedTask : FeedAsync(_streams.Input!, _input.OpenWrite());
        await Task.WhenAll(
            _output is null ? Task.CompletedTask : DrainAsync(_output.OpenRead(), _streams.Output!),
            DrainErrorsAsync(_error.OpenRead()));
        await _stop.CancelAsync();
        await feeding;
    }

    /// <summary>Waits for the pumps without caring how they ended; the process is gone.</summary>
    public async Task AbandonAsync(Task pumps)
    {
        await _stop.CancelAsync();
        await pumps.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _input?.Dispose();
        _output?.Dispose();
        _error.Dispose();
        _stop.Dispose();
    }

    private async Task FeedAsync(Stream from, PipeEnd to)
    {
        await using (to)
        {
            try
            {
                await from.CopyToAsync(to, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                // The process ended first.
            }
            catch (IOException)
            {
                // It closed its input, as `head` does.
            }
        }
    }

    private static async Task DrainAsync(PipeEnd from, Stream to)
    {
        await using (from)
        {
            var buffer = new byte[32 * 1024];
            Exception? failure = null;
            while (await from.ReadAsync(buffer, CancellationToken.None) is > 0 and var count)
            {
                failure ??= await TryWriteAsync(to, buffer.AsMemory(0, count));
            }

            ThrowIf(failure);
        }
    }

    private async Task DrainErrorsAsync(PipeEnd from)
    {
        await using (from)
        {
            var buffer = new byte[32 * 1024];
            Exception? failure = null;
            while (await from.ReadAsync(buffer, CancellationToken.None) is > 0 and var count)
            {
                if (!_created && _complaint.Length < 4096)
                {
                    _complaint.Append(Encoding.UTF8.GetString(buffer, 0, Math.Min(count, 4096)));
                }
                else if (_streams.Error is not null)
                {
                    failure ??= await TryWriteAsync(_streams.Error, buffer.AsMemory(0, count));
                }
            }

            ThrowIf(failure);
        }
    }

    /// <summary>A reader who went away must not stop the draining: the process would wait for room for ever.</summary>
    private static async Task<Exception?> TryWriteAsync(Stream to, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await to.WriteAsync(bytes, CancellationToken.None);
            await to.FlushAsync(CancellationToken.None);
            return null;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            return exception;
        }
    }

    private static void ThrowIf(Exception? failure)
    {
        if (failure is not null)
        {
            throw new IOException("The output could not be passed on.", failure);
        }
    }
}
