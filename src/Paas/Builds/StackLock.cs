using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Paas.Builds;

/// <summary>One maker of base images per cache and machine; a second one waits and finds the first one's work.</summary>
internal sealed partial class StackLock : IDisposable
{
    private const int Exclusive = 2;
    private const int NonBlocking = 4;

    private readonly SafeFileHandle _file;

    private StackLock(SafeFileHandle file) => _file = file;

    public static async Task<StackLock> TakeAsync(string cache, Action<string> say, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(cache);
        // FileShare.ReadWrite: .NET itself then takes no lock on it.
        var file = File.OpenHandle(Path.Combine(cache, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (Flock(file, Exclusive | NonBlocking) != 0)
        {
            say("Another process is making the base images: waiting for it.");
            await Task.Run(() => Flock(file, Exclusive), cancellationToken);
        }

        return new StackLock(file);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>flock(2): released when the file is closed, also by a crash.</summary>
    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
