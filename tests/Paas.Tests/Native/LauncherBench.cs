using System.Diagnostics;

namespace Paas.Native;

/// <summary>The real binary, built from src/native, on a layers directory of its own.</summary>
internal sealed class LauncherBench : IDisposable
{
    private const string Metadata = """
        [[buildpacks]]
        id = "paas/one"
        version = "1"
        api = "0.10"

        [[buildpacks]]
        id = "old"
        version = "1"
        api = "0.8"

        [[processes]]
        type = "web"
        command = ["printf", "%s\\n"]
        args = ["default one", "$HOME"]
        direct = true
        buildpack-id = "paas/one"

        [[processes]]
        type = "env"
        command = ["env"]
        args = []
        direct = true
        buildpack-id = "paas/one"

        [[processes]]
        type = "where"
        command = ["pwd"]
        direct = true
        buildpack-id = "paas/one"
        working-dir = "/usr"

        [[processes]]
        type = "staging"
        command = ["true"]
        direct = true
        buildpack-id = "paas/one"
        exec-env = ["staging", "test"]

        [[processes]]
        type = "shell"
        command = "echo \"line $GREETING\" && echo $0"
        direct = false
        buildpack-id = "old"

        [[processes]]
        type = "shell-args"
        command = "printf"
        args = ["%s|", "$GREETING", "two words"]
        direct = false
        buildpack-id = "old"

        [[processes]]
        type = "pid"
        command = ["bash", "-c", "echo $$ $PPID"]
        direct = true
        buildpack-id = "paas/one"

        [[processes]]
        type = "words"
        command = ["printf", "%s|", "always"]
        args = ["may be replaced"]
        direct = true
        buildpack-id = "paas/one"

        [[processes]]
        type = "with.period"
        command = ["echo", "period"]
        direct = true
        buildpack-id = "paas/one"

        [[processes]]
        type = "anywhere"
        command = ["true"]
        direct = true
        buildpack-id = "paas/one"
        exec-env = ["*"]

        [[processes]]
        type = "twice"
        command = ["echo", "in production"]
        direct = true
        buildpack-id = "paas/one"
        exec-env = ["production"]

        [[processes]]
        type = "twice"
        command = ["echo", "in test"]
        direct = true
        buildpack-id = "paas/one"
        exec-env = ["test"]

        [[processes]]
        type = "shell-where"
        command = "pwd; echo \"$1\""
        direct = false
        buildpack-id = "old"
        working-dir = "/usr"

        [[processes]]
        type = "wait"
        command = ["bash", "-c", "trap 'echo ended by TERM; exit 7' TERM; echo ready; while :; do sleep 0.1; done"]
        direct = true
        buildpack-id = "paas/one"

        [[processes]]
        type = "shell-wait"
        command = "trap 'echo ended by TERM; exit 7' TERM; echo ready; while :; do sleep 0.1; done"
        direct = false
        buildpack-id = "old"

        [[processes]]
        type = "missing"
        command = ["no-such-program"]
        direct = true
        buildpack-id = "paas/one"
        """;

    private static readonly Lazy<string> Built = new(FindBinary);

    public LauncherBench()
    {
        Directory.CreateDirectory(App);
        Directory.CreateDirectory(Path.Combine(Root, "process"));
        Write("config/metadata.toml", Metadata);
    }

    public static string Binary => Built.Value;

    public string Root { get; } = Directory.CreateTempSubdirectory("paas-launcher-").FullName;

    public string Layers => Path.Combine(Root, "layers");

    public string App => Path.Combine(Root, "app");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public static (int ExitCode, string Error) Failure((int ExitCode, string Output, string Error, int Pid) run) => (run.ExitCode, run.Error);

    public (int ExitCode, string Output, string Error, int Pid) Run(string type, string[]? args = null, (string Name, string Value)[]? env = null)
    {
        var start = StartInfo(type, args);
        foreach (var (name, value) in env ?? [])
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error, process.Id);
    }

    /// <summary>Called by the name of a link, as in an image.</summary>
    public ProcessStartInfo StartInfo(string type, string[]? args = null)
    {
        var link = Path.Combine(Root, "process", type);
        if (!File.Exists(link))
        {
            File.CreateSymbolicLink(link, Binary);
        }

        var start = new ProcessStartInfo(link, args ?? []) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["CNB_LAYERS_DIR"] = Layers;
        start.Environment["CNB_APP_DIR"] = App;
        return start;
    }

    public void Write(string path, string contents)
    {
        path = Path.Combine(Layers, path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, contents);
    }

    public void Script(string path, string body)
    {
        Write(path, $"#!/bin/bash\n{body}\n");
        File.SetUnixFileMode(Path.Combine(Layers, path), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string FindBinary()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Paas.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run from within the repository.");
        }

        var native = Path.Combine(directory.FullName, "src/native");
        using var make = Process.Start(new ProcessStartInfo("make", ["-s", "-C", native, "out/launcher"]))!;
        make.WaitForExit();
        Assert.Equal(0, make.ExitCode);
        return Path.Combine(native, "out/launcher");
    }
}
