using System.CommandLine;
using System.Globalization;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>logs: what the app's instances say.</summary>
internal static class LogsCommand
{
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with new lines as they come" };
    private static readonly Option<string?> Ps = new("--ps") { Description = "Only this process type or instance: web, web.1", HelpName = "TYPE" };
    private static readonly Option<int> Num = new("--num", "-n") { Description = "How many of the newest lines", HelpName = "N", DefaultValueFactory = static _ => 100 };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("logs", "What the app's instances say", "paas logs", "paas logs -f", "paas logs --ps web.1 --num 500", "paas logs --json").With(Follow, Ps, Num).Runs(surroundings, PrintAsync);

    /// <summary>With --json one array; followed, a document on each line, for there is no last one.</summary>
    private static async Task PrintAsync(Call call, CancellationToken cancellationToken)
    {
        var (type, index) = ParsePs(call.Value(Ps));
        var (follow, all) = (call.Value(Follow), new List<LogLineView>());
        await foreach (var item in call.Client.LogsAsync(await call.AppAsync(cancellationToken), type, index, call.Value(Num), follow, cancellationToken: cancellationToken))
        {
            if (!call.Json)
            {
                call.Print(Text(item.Data, call.Surroundings.Colour));
            }
            else if (follow)
            {
                call.Print(JsonText.LineOf(item.Data, ContractJson.Default.LogLineView));
            }
            else
            {
                all.Add(item.Data);
            }
        }

        if (call.Json && !follow)
        {
            call.Print(JsonText.Of<IReadOnlyList<LogLineView>>(all, ContractJson.Default.IReadOnlyListLogLineView));
        }
    }

    /// <summary>"web" or "web.1".</summary>
    public static (string? Type, int? Index) ParsePs(string? text) => text?.Split('.') switch
    {
        null => (null, null),
        [{ Length: > 0 } type] => (type, null),
        [{ Length: > 0 } type, var index] when int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => (type, number),
        _ => throw CliError.Usage($"'{text}' is neither a process type nor an instance. Examples: --ps web, --ps web.1"),
    };

    private static string Text(LogLineView line, bool colour)
    {
        var time = line.At.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        return colour ? $"\e[2m{time}\e[0m \e[{(line.Error ? "33" : "36")}m{line.Source}\e[0m {line.Text}" : $"{time} {line.Source} {line.Text}";
    }
}
