using System.Diagnostics;

namespace Paas.Native;

/// <summary>The real program that our buildpacks use, built from src/native.</summary>
public sealed class BpTests
{
    private static readonly string[] Versions = ["18.0.0", "18.20.4", "20.1.0", "20.11.1", "22.3.0", "24.0.1", "24.21.0", "25.0.0-rc.1", "0.2.3", "0.2.9", "0.3.0"];

    [Theory]
    [InlineData("24.x", "24.21.0")]
    [InlineData("24", "24.21.0")]
    [InlineData("v22.3.0", "22.3.0")]
    [InlineData("^18", "18.20.4")]
    [InlineData("^0.2.3", "0.2.9")]
    [InlineData("~20.1", "20.1.0")]
    [InlineData(">=18 <22", "20.11.1")]
    [InlineData(">= 18 < 22", "20.11.1")]
    [InlineData("18 || 20", "20.11.1")]
    [InlineData("18 - 20", "20.11.1")]
    [InlineData(">20", "24.21.0")]
    [InlineData("<=22", "22.3.0")]
    [InlineData("*", "24.21.0")]
    [InlineData("", "24.21.0")]
    public void The_highest_version_in_an_npm_range_is_chosen(string range, string version)
    {
        var (code, output, _) = Run(string.Join('\n', Versions), "semver", range);
        Assert.Equal(0, code);
        Assert.Equal(version, output.Trim());
    }

    [Theory]
    [InlineData(">=99", 1)]
    [InlineData("lts", 2)]
    public void A_range_without_a_version_and_a_range_that_is_none_are_told_apart(string range, int code) =>
        Assert.Equal(code, Run(string.Join('\n', Versions), "semver", range).Code);

    [Fact]
    public void A_procfile_becomes_processes_whatever_its_line_ends()
    {
        var (code, output, _) = Procfile("# what runs\r\nweb: node server.js\r\n\r\nworker:   echo \"a\\b\" $HOME  \r\n");
        Assert.Equal(0, code);
        Assert.Equal(
            """
            [[processes]]
            type = "web"
            command = ["bash", "-c", "node server.js"]
            default = true

            [[processes]]
            type = "worker"
            command = ["bash", "-c", "echo \"a\\b\" $HOME"]


            """.ReplaceLineEndings("\n"),
            output);
    }

    [Theory]
    [InlineData("web: node server.js\nworker node worker.js\n", "line 2")]
    [InlineData("Web: node server.js\n", "line 1")]
    [InlineData("web:\n", "line 1")]
    [InlineData("\n\n-x: y\n", "line 3")]
    public void A_fault_in_a_procfile_names_its_line(string text, string line)
    {
        var (code, _, error) = Procfile(text);
        Assert.Equal(1, code);
        Assert.Contains($"Procfile {line} ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_procfile_without_a_process_is_a_fault() =>
        Assert.Contains("names no process", Procfile("# nothing\n").Error, StringComparison.Ordinal);

    private static (int Code, string Output, string Error) Procfile(string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            return Run("", "procfile", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (int Code, string Output, string Error) Run(string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Repository.PathOf("src/native/out/bp"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error);
    }
}
