using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Paas.Cli.Commands;
using Paas.Client;

namespace Paas.Cli;

/// <summary>All commands, and what becomes of what they throw.</summary>
internal static class CommandLine
{
    public static RootCommand Root(Surroundings surroundings)
    {
        var root = new RootCommand("Your own platform: git push, and it is live.");
        root.Add(GlobalOptions.App);
        root.Add(GlobalOptions.Json);
        root.Add(GlobalOptions.Url);
        Verb[] verbs =
        [
            .. LoginCommands.All(surroundings), TokensCommand.Make(surroundings), RegistryCommand.Make(surroundings), SessionsCommand.Make(surroundings), AppsCommand.Make(surroundings), BuildpacksCommand.Make(surroundings), BindingsCommand.Make(surroundings), PsCommand.Make(surroundings),
            ConfigCommand.Make(surroundings), DomainsCommand.Make(surroundings), LogsCommand.Make(surroundings), DeployCommand.Make(surroundings), DeploysCommand.Make(surroundings), BuildsCommand.Make(surroundings), BuildCommand.Make(surroundings),
            .. ReleasesCommands.All(surroundings), StackCommands.Make(surroundings), RunOneOffCommand.Make(surroundings), OpenCommand.Make(surroundings), StatusCommand.Make(surroundings),
            GitCredentialCommand.Make(surroundings),
        ];
        foreach (var verb in verbs)
        {
            root.Add(verb);
        }

        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new ExamplesHelp((HelpAction)help.Action!);
        }

        return root;
    }

    public static async Task<int> RunAsync(string[] args, Surroundings surroundings, CancellationToken cancellationToken = default)
    {
        var parsed = Root(surroundings).Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            return Fail(surroundings, ExitCodes.Usage, $"{parsed.Errors[0].Message} See: {Path(parsed.CommandResult.Command)} --help");
        }

        try
        {
            var configuration = new InvocationConfiguration { Output = surroundings.Out, Error = surroundings.Error, EnableDefaultExceptionHandler = false };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (CliError error)
        {
            return Fail(surroundings, error.ExitCode, error.Message);
        }
        catch (ProblemException refused) when (refused.Status == 401)
        {
            return Fail(surroundings, ExitCodes.NoPlatform, "The platform does not know this token: it is wrong or was revoked. Sign in again with: paas login");
        }
        catch (ProblemException refused)
        {
            return Fail(surroundings, refused.Code is "http" or "unavailable" ? ExitCodes.NoPlatform : ExitCodes.Refused, refused.Message);
        }
        catch (HttpRequestException unreachable)
        {
            return Fail(surroundings, ExitCodes.NoPlatform, $"The platform cannot be reached: {unreachable.Message} Does it run, and is the URL right?");
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (IOException closed) when (closed.Message.Contains("Broken pipe", StringComparison.OrdinalIgnoreCase))
        {
            // `paas logs | head`: the reader has enough.
            return ExitCodes.Ok;
        }
    }

    private static int Fail(Surroundings surroundings, int exitCode, string sentence)
    {
        surroundings.Error.WriteLine($"error: {sentence}");
        return exitCode;
    }

    /// <summary>"paas apps create".</summary>
    private static string Path(Command command)
    {
        var names = new List<string>();
        for (Symbol? at = command; at is not null; at = at.Parents.FirstOrDefault())
        {
            names.Insert(0, at is RootCommand ? "paas" : at.Name);
        }

        return string.Join(' ', names);
    }
}
