using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>config, and config get, set, unset.</summary>
internal static class ConfigCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "The var" };
    private static readonly Argument<string[]> Pairs = new("name=value") { Description = "Vars to set", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Argument<string[]> Names = new("name") { Description = "Vars to remove", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> FromFile = new("--from-file") { Description = "Read NAME=VALUE lines from a file; - is stdin", HelpName = "FILE" };
    private static readonly Option<string?> Scope = new("--scope") { Description = "run: builds do not see these vars; all: they do", HelpName = "all|run" };
    private static readonly Option<bool> Plain = new("--plain") { Description = "Not secret: show the values in listings" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("config", "The app's config vars; values are masked", "paas config", "paas config --app myapp --json").Runs(surroundings, ListAsync).With(
            new Verb("get", "Print one value alone", "paas config get DATABASE_URL").With(Name).Runs(surroundings, GetAsync),
            new Verb("set", "Set vars: one new release for all of them", "paas config set GREETING=hello LOG_LEVEL=debug", "paas config set --from-file .env", "paas config set LICENSE=abc --scope run")
                .With(Pairs, FromFile, Scope, Plain).Runs(surroundings, SetAsync),
            new Verb("unset", "Remove vars: one new release for all of them", "paas config unset GREETING LOG_LEVEL").With(Names).Runs(surroundings, UnsetAsync));

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        var vars = await call.Client.ConfigAsync(app, cancellationToken);
        call.Show(vars, ContractJson.Default.IReadOnlyListConfigVarView, views =>
        {
            var table = call.Table("NAME", "VALUE", "SCOPE");
            foreach (var view in views)
            {
                table.Row(view.Name, view.Value ?? "(masked)", view.Scope);
            }

            table.Print($"{app} has no config vars. Set one with: paas config set NAME=VALUE --app {app}");
        });
    }

    private static async Task GetAsync(Call call, CancellationToken cancellationToken)
    {
        var vars = await call.Client.RevealConfigAsync(await call.AppAsync(cancellationToken), [call.Value(Name)!], cancellationToken);
        call.Show(vars, ContractJson.Default.IReadOnlyListConfigVarView, views => call.Print(views.Single().Value));
    }

    private static async Task SetAsync(Call call, CancellationToken cancellationToken)
    {
        var vars = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (call.Value(FromFile) is { } file)
        {
            foreach (var (name, value) in Parse(await ReadAsync(call, file, cancellationToken), file))
            {
                vars[name] = value;
            }
        }

        foreach (var pair in call.Value(Pairs) ?? [])
        {
            // The argument's text may be a secret: only its name is ever repeated.
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            vars[at > 0 ? pair[..at] : throw CliError.Usage("A var to set is NAME=VALUE. Example: paas config set GREETING=hello")] = pair[(at + 1)..];
        }

        if (vars.Count == 0)
        {
            throw CliError.Usage("There is nothing to set. Example: paas config set GREETING=hello");
        }

        var scope = call.Value(Scope) is null or "all" or "run" ? call.Value(Scope) : throw CliError.Usage("The scope is all or run.");
        await SendAsync(call, new UpdateConfig(vars, scope, call.Has(Plain) ? call.Value(Plain) : null), cancellationToken);
    }

    private static Task UnsetAsync(Call call, CancellationToken cancellationToken) =>
        SendAsync(call, new UpdateConfig(call.Value(Names)!.Distinct(StringComparer.Ordinal).ToDictionary(name => name, _ => (string?)null, StringComparer.Ordinal)), cancellationToken);

    private static async Task SendAsync(Call call, UpdateConfig update, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        call.Say(await call.WorkingAsync($"Releasing {app}", call.Client.UpdateConfigAsync(app, update, cancellationToken), cancellationToken));
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Parse(string text, string file)
    {
        try
        {
            return EnvFile.Parse(text, file);
        }
        catch (EnvFileException fault)
        {
            throw CliError.Usage(fault.Message);
        }
    }

    private static async Task<string> ReadAsync(Call call, string file, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new StreamReader(file == "-" ? call.Surroundings.OpenInput() : File.OpenRead(Path.Combine(call.Surroundings.Folder, file)));
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CliError.Usage($"The file {file} cannot be read: {error.Message}");
        }
    }
}
