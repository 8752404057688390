using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Paas.Cli;

/// <summary>The usual help, then the command's examples.</summary>
internal sealed class ExamplesHelp(HelpAction usual) : SynchronousCommandLineAction
{
    private static readonly string[] First = ["paas apps create myapp", "git push paas main", "paas logs -f"];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in parseResult.CommandResult.Command is Verb verb ? verb.Examples : First)
        {
            output.WriteLine($"  {example}");
        }

        return exitCode;
    }
}
