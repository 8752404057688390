using System.Text;
using System.Threading.Channels;

namespace Paas.Git;

/// <summary>What goes back to the hook: lines as they happen, at last the verdict (src/native/hook.c).</summary>
/// <remarks>A deploy never waits for a slow terminal: lines beyond the buffer are counted and left out there; the deploy's log has them all.</remarks>
internal sealed class HookReply
{
    private readonly Channel<string> _lines;
    private int _dropped;

    public HookReply() => _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(20_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
        _ => Interlocked.Increment(ref _dropped));

    /// <summary>The last line said, so that nothing is said twice.</summary>
    public string? Last { get; private set; }

    public void Say(string line)
    {
        Last = line;
        // NUL is the mark before the verdict.
        _lines.Writer.TryWrite(line.Replace('\0', '?'));
    }

    /// <summary>No more lines.</summary>
    public void Complete() => _lines.Writer.TryComplete();

    /// <summary>Writes lines until <see cref="Complete"/>. A hook that has gone away does not disturb the deploy.</summary>
    public async Task RelayAsync(Stream stream, CancellationToken cancellationToken)
    {
        var gone = false;
        await foreach (var line in _lines.Reader.ReadAllAsync(cancellationToken))
        {
            gone = gone || !await TryWriteAsync(stream, Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
        }

        if (_dropped > 0)
        {
            await TryWriteAsync(stream, Encoding.UTF8.GetBytes($"({_dropped} lines did not fit here: the deploy's log has them all)\n"), cancellationToken);
        }
    }

    public static Task<bool> DecideAsync(Stream stream, bool accepted, CancellationToken cancellationToken) =>
        TryWriteAsync(stream, [0, accepted ? (byte)0 : (byte)1], cancellationToken);

    private static async Task<bool> TryWriteAsync(Stream stream, byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(bytes, cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
