using System.CommandLine;

namespace Paas.Cli;

/// <summary>A command with examples for its help.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples => examples;

    /// <param name="run">Returns the exit code.</param>
    public Verb Runs(Surroundings surroundings, Func<Call, CancellationToken, Task<int>> run)
    {
        SetAction(async (parsed, cancellationToken) =>
        {
            using var call = new Call(parsed, surroundings);
            return await run(call, cancellationToken);
        });
        return this;
    }

    /// <param name="run">Ends well unless it throws.</param>
    public Verb Runs(Surroundings surroundings, Func<Call, CancellationToken, Task> run) => Runs(surroundings, async (call, cancellationToken) =>
    {
        await run(call, cancellationToken);
        return ExitCodes.Ok;
    });

    public Verb With(params Symbol[] parts)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case Argument argument: Add(argument); break;
                case Option option: Add(option); break;
                case Command command: Add(command); break;
            }
        }

        return this;
    }
}
