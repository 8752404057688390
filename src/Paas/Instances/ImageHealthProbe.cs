using System.Globalization;
using System.Text;
using Paas.Engine;
using Paas.Releases;

namespace Paas.Instances;

/// <summary>The image's own health check while one instance is waited for: run inside it, at first often and then as the image says.</summary>
internal sealed class ImageHealthProbe(IEngine engine, ImageHealth health, InstanceId id, TimeProvider time)
{
    private const int MostOutput = 4096;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private TimeSpan _pause = FirstPause;
    private long? _asked;
    private string? _said;

    /// <summary>Runs the check when it is due.</summary>
    /// <returns>What was wrong at the last run; null and not healthy: it could not be asked yet.</returns>
    public async Task<(bool Healthy, string? Said)> AskAsync(CancellationToken cancellationToken)
    {
        if (_asked is { } last && time.GetElapsedTime(last) < _pause)
        {
            return (false, _said);
        }

        if (_asked is not null)
        {
            _pause = Shorter(_pause * 1.5, Shorter(health.Interval, LongestPause));
        }

        var output = new MemoryStream();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(health.Timeout);
        var streams = new LastBytes(output, MostOutput);
        try
        {
            var exit = await engine.ExecAsync(id, health.Command, new RunStreams(null, streams, streams), late.Token);
            _said = exit switch
            {
                null => _said,
                { Code: 0 } => null,
                { Code: var code } => string.Create(CultureInfo.InvariantCulture, $"The health check of the image (HEALTHCHECK) ends with exit {code} in {id.Short}{LastLine(output)}"),
            };
            return (exit is { Code: 0 }, _said);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _said = string.Create(CultureInfo.InvariantCulture, $"The health check of the image (HEALTHCHECK) takes longer than its {health.Timeout.TotalSeconds:0.#} s in {id.Short}{LastLine(output)}");
        }
        catch (EngineException error)
        {
            _said = $"The health check of the image (HEALTHCHECK) cannot be run in {id.Short}: {error.Message.TrimEnd('.')}";
        }
        finally
        {
            _asked = time.GetTimestamp();
        }

        return (false, _said);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string LastLine(MemoryStream output)
    {
        var lines = Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines is [.., var last] ? $": {new string([.. last.Take(300).Select(letter => char.IsControl(letter) ? '?' : letter)]).TrimEnd('.')}" : "";
    }

    /// <summary>Keeps the end of what is written.</summary>
    private sealed class LastBytes(MemoryStream kept, int most) : Stream
    {
        private readonly Lock _writing = new();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (_writing)
            {
                if (kept.Length > 2 * most)
                {
                    var end = kept.GetBuffer().AsSpan((int)kept.Length - most, most).ToArray();
                    kept.SetLength(0);
                    kept.Write(end);
                }

                kept.Write(buffer.Length > most ? buffer[^most..] : buffer);
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
