using System.Diagnostics;

namespace Paas.Git;

/// <summary>The real hook, built from src/native when no build has done so yet.</summary>
internal static class NativeHook
{
    private static readonly Lazy<string> Built = new(Build);

    public static string Path => Built.Value;

    private static string Build()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(directory.FullName, "Paas.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        var native = System.IO.Path.Combine(directory.FullName, "src", "native");
        using var make = Process.Start(new ProcessStartInfo("make", ["--silent", "-C", native, "out/hook"]))!;
        make.WaitForExit();
        Assert.Equal(0, make.ExitCode);
        return System.IO.Path.Combine(native, "out", "hook");
    }
}
