using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>run: a one-off command with the app's image and config vars.</summary>
internal static class RunOneOffCommand
{
    private static readonly Argument<string[]> Words = new("command")
    {
        Description = "One word is a shell line, several are run as they are",
        Arity = ArgumentArity.OneOrMore,
        CaptureRemainingTokens = true,
    };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("run", "Run a one-off command in the app's image; stdin is passed, the exit code returned", "paas run -- node --version", "paas run 'ls -l | wc -l'", "paas run --app myapp -- node import.js < data.csv")
            .With(Words).Runs(surroundings, RunAsync);

    private static async Task<int> RunAsync(Call call, CancellationToken cancellationToken)
    {
        var surroundings = call.Surroundings;
        var app = await call.AppAsync(cancellationToken);
        string[] words = call.Value(Words) is ["--", .. var rest] ? rest : call.Value(Words)!;
        if (words.Length == 0)
        {
            throw CliError.Usage("There is no command to run. Example: paas run -- node --version");
        }

        await using var output = surroundings.OpenOutput();
        await using var error = surroundings.OpenError();
        await using var input = surroundings.OpenInput();
        var ended = await call.Client.RunAsync(app, new RunCommand(words), new LocalStreams(input, output, error), cancellationToken);
        if (ended.Error is { Length: > 0 } sentence)
        {
            await surroundings.Error.WriteLineAsync($"error: {sentence}");
        }

        return ended.ExitCode;
    }
}
