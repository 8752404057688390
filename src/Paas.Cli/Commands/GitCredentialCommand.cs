using System.CommandLine;

namespace Paas.Cli.Commands;

/// <summary>git-credential: answers git for platforms that one is signed in to (gitcredentials(7), git-credential(1) "INPUT/OUTPUT FORMAT").</summary>
internal static class GitCredentialCommand
{
    private static readonly Argument<string> Operation = new("operation") { Description = "get, store or erase" };

    public static Verb Make(Surroundings surroundings)
    {
        var verb = new Verb("git-credential", "Credential helper for git", "git config credential.http://localhost:8080.helper '!paas git-credential'").With(Operation).Runs(surroundings, AnswerAsync);
        verb.Hidden = true;
        return verb;
    }

    /// <summary>Says nothing about hosts that are not a platform: git asks its other helpers then. What git wants kept or
    /// forgotten is ignored: signing in and out does that.</summary>
    private static async Task AnswerAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Value(Operation) != "get")
        {
            return;
        }

        using var reader = new StreamReader(call.Surroundings.OpenInput());
        var asked = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            if (line.Split('=', 2) is [var key, var value])
            {
                asked[key] = value;
            }
        }

        if (asked.TryGetValue("protocol", out var protocol) && protocol is "http" or "https" && asked.TryGetValue("host", out var host)
            && Uri.TryCreate($"{protocol}://{host}", UriKind.Absolute, out var url)
            && Platforms.TokenOf(new Uri(Platforms.Text(url)), call.Surroundings, Credentials.Of(call.Surroundings)) is { } token)
        {
            await call.Out.WriteAsync($"username=paas\npassword={token}\n");
        }
    }
}
