using System.Runtime.InteropServices;

namespace Paas.Engine.Native.Logs;

/// <summary>conmon's control fifo (its ctl file): one message per line, "type a b".</summary>
internal static partial class ConmonControl
{
    /// <summary>Asks conmon to open its log file anew (message type 2, REOPEN_LOGS). It must be asked once for each rename: it makes
    /// a new file over the old name every time, so a second request would throw away what was written since the first.</summary>
    /// <param name="rename">Done before asking, and only when somebody will hear.</param>
    /// <returns>False when no conmon reads the fifo: it is gone or not there yet, and nothing was done.</returns>
    public static bool TryReopenLog(string fifo, Action rename)
    {
        // Without O_NONBLOCK opening a fifo nobody reads would wait for ever.
        var descriptor = open(fifo, 0x80801 /* O_WRONLY | O_NONBLOCK | O_CLOEXEC */, 0);
        if (descriptor < 0)
        {
            return false;
        }

        try
        {
            rename();
            var message = "2 0 0\n"u8.ToArray();
            return write(descriptor, message, message.Length) == message.Length;
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte[] bytes, nint count);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
