using System.ComponentModel;
using System.Diagnostics;

namespace Paas.Cli;

/// <summary>The git repository of the current folder, through git itself.</summary>
internal static class GitFolder
{
    /// <summary>Empty where there is no repository or no git.</summary>
    public static async Task<IReadOnlyList<Remote>> RemotesAsync(Surroundings surroundings, CancellationToken cancellationToken)
    {
        var (_, output) = await GitAsync(surroundings, ["config", "--null", "--get-regexp", @"^remote\..*\.url$"], cancellationToken);
        return ParseRemotes(output);
    }

    /// <summary>Entries "remote.NAME.url\nURL\0" (git-config, --null).</summary>
    public static IReadOnlyList<Remote> ParseRemotes(string output) =>
        [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => entry.Split('\n', 2))
            .Where(parts => parts is [{ Length: > 11 }, _])
            .Select(parts => new Remote(parts[0]["remote.".Length..^".url".Length], parts[1]))];

    public static async Task<bool> IsWorkTreeAsync(Surroundings surroundings, CancellationToken cancellationToken) =>
        await GitAsync(surroundings, ["rev-parse", "--is-inside-work-tree"], cancellationToken) is (0, var said) && said.Trim() == "true";

    /// <summary>Makes `git push paas main` just work: the remote, and who answers for the token.</summary>
    /// <returns>False when there is a remote of that name already; it stays as it is.</returns>
    public static async Task<bool> ConnectAsync(Surroundings surroundings, string gitUrl, Uri platform, CancellationToken cancellationToken)
    {
        var key = $"credential.{Platforms.Text(platform)}.helper";
        // The empty one first ends the list of other helpers for this URL: none of them learns the token (gitcredentials(7), "helper").
        await GitAsync(surroundings, ["config", "--local", "--replace-all", key, ""], cancellationToken);
        await GitAsync(surroundings, ["config", "--local", "--add", key, $"!{CommandName(surroundings)} git-credential"], cancellationToken);
        return (await GitAsync(surroundings, ["remote", "add", AppRemotes.Name, gitUrl], cancellationToken)).ExitCode == 0;
    }

    public static Task SetRemoteAsync(Surroundings surroundings, string name, string gitUrl, CancellationToken cancellationToken) =>
        GitAsync(surroundings, ["remote", "set-url", name, gitUrl], cancellationToken);

    /// <summary>How git calls this command, quoted for the shell that git runs helpers in: PAAS_COMMAND (a wrapper names itself by it), else this program.</summary>
    private static string CommandName(Surroundings surroundings)
    {
        var program = Environment.ProcessPath ?? "paas";
        return surroundings.Variable("PAAS_COMMAND") is { } wrapper ? Quote(wrapper)
            : Path.GetFileName(program) == "dotnet" ? $"{Quote(program)} {Quote(Path.Combine(AppContext.BaseDirectory, "paas.dll"))}"
            : Quote(program);
    }

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>What git knows of a folder or would add to it, relative to the folder; null: it is in no repository.</summary>
    public static async Task<IReadOnlyList<string>?> FilesAsync(Surroundings surroundings, string folder, CancellationToken cancellationToken) =>
        await GitAsync(surroundings with { Folder = folder }, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], cancellationToken) is (0, var output)
            ? [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)]
            : null;

    private static async Task<(int ExitCode, string Output)> GitAsync(Surroundings surroundings, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = surroundings.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await error;
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, output);
        }
        catch (Win32Exception)
        {
            return (127, "");
        }
    }
}
