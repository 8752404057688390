using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Paas.State;

namespace Paas.Keep;

/// <summary>src/native/keep.c, which describes the file and the arguments that are made here.</summary>
internal static partial class NativeKeeper
{
    private const int SetFileDescriptorFlags = 2;

    /// <summary>Replaces this process, in place: the same pid, and the lock stays held.</summary>
    /// <param name="lockFile">Open, and locked; the keeper inherits it.</param>
    /// <returns>Only if it failed: why.</returns>
    public static UserError Become(KeepOptions options, PlatformHome home, IReadOnlyList<Role> roles, FileStream lockFile)
    {
        var file = Path.Combine(home.Run, "keep.roles");
        Write(file, roles, home.Root);
        var descriptor = (int)lockFile.SafeFileHandle.DangerousGetHandle();

        // .NET opens everything close-on-exec.
        _ = FileControl(descriptor, SetFileDescriptorFlags, 0);
        string?[] arguments = [options.Keeper, .. Arguments(options, file, descriptor), null];
        RemoveTraces();
        _ = Execute(options.Keeper, arguments);
        var reason = Marshal.GetLastPInvokeErrorMessage();
        File.Delete(file);
        return new UserError("keeper_missing", 500, $"Cannot start {options.Keeper}: {reason}. Run 'install/quickstart.sh' again; it builds what is missing.");
    }

    /// <summary>The runtime's pipes and socket for debuggers, which it would remove at its end: it has none.</summary>
    private static void RemoveTraces()
    {
        foreach (var pattern in (string[])[$"clr-debug-pipe-{Environment.ProcessId}-*", $"dotnet-diagnostic-{Environment.ProcessId}-*"])
        {
            foreach (var trace in Directory.EnumerateFiles(Path.GetTempPath(), pattern))
            {
                File.Delete(trace);
            }
        }
    }

    public static IReadOnlyList<string> Arguments(KeepOptions options, string file, int lockFile) =>
    [
        Text(lockFile), file, Text((long)options.GoodRun.TotalMilliseconds), Text((long)options.StopTimeout.TotalMilliseconds), Text(options.LogBytes),
    ];

    /// <summary>For this user alone: environments hold secrets.</summary>
    public static void Write(string file, IReadOnlyList<Role> roles, string home)
    {
        var text = new StringBuilder();
        foreach (var role in roles)
        {
            text.AppendJoin('\0', [role.Name, role.PidFile, role.Log, .. role.Arguments, "", .. role.AllEnvironment(home), "", ""]);
        }

        File.Delete(file);
        using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>execv(3): with the environment that this process was started with.</summary>
    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, int flags);
}
