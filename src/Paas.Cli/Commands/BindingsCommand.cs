using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>bindings list, set, remove.</summary>
internal static class BindingsCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "Of the binding, as buildpacks find it under platform/bindings" };
    private static readonly Argument<string[]> Files = new("files") { Description = "KEY=VALUE, or KEY=@FILE for what a file holds", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string> Type = new("--type") { Description = "What buildpacks look for: ca-certificates, npmrc, ...", HelpName = "TYPE", Required = true };
    private static readonly Option<string?> Provider = new("--provider") { Description = "Who provides it, where a buildpack asks", HelpName = "NAME" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("bindings", "Certificates, credentials and settings that buildpacks find as files", "paas bindings").Runs(surroundings, ListAsync).With(
            new Verb("set", "Keep a binding, encrypted, for the builds from now on", "paas bindings set company-ca --type ca-certificates ca.pem=@ca.pem", "paas bindings set npm --type npmrc .npmrc=@$HOME/.npmrc")
                .With(Name, Files, Type, Provider).Runs(surroundings, SetAsync),
            new Verb("list", "List the bindings with their file names", "paas bindings list").Runs(surroundings, ListAsync),
            new Verb("remove", "Remove a binding", "paas bindings remove company-ca").With(Name).Runs(surroundings, RemoveAsync));

    private static async Task SetAsync(Call call, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in call.Value(Files) ?? [])
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } key, var value])
            {
                throw CliError.Usage($"'{text}' is neither KEY=VALUE nor KEY=@FILE. Example: paas bindings set company-ca --type ca-certificates ca.pem=@ca.pem");
            }

            files[key] = value.StartsWith('@') ? await ReadAsync(value[1..], cancellationToken) : value;
        }

        var set = await call.Client.SetBindingAsync(await call.AppAsync(cancellationToken), call.Value(Name)!, new SetBinding(call.Value(Type)!, call.Value(Provider), files), cancellationToken);
        call.Show(set, ContractJson.Default.BindingView, view => call.Print($"Set the binding {view.Name} ({view.Type}). Builds find it from the next push on."));
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken) => File.Exists(file)
        ? await File.ReadAllTextAsync(file, cancellationToken)
        : throw CliError.Usage($"There is no file '{file}'. After '@' comes the file whose content is meant.");

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var bindings = await call.Client.BindingsAsync(await call.AppAsync(cancellationToken), cancellationToken);
        call.Show(bindings, ContractJson.Default.IReadOnlyListBindingView, views =>
        {
            var table = call.Table("NAME", "TYPE", "PROVIDER", "FILES", "BY", "SINCE");
            foreach (var view in views)
            {
                table.Row(view.Name, view.Type, view.Provider ?? "", string.Join(", ", view.Files), view.Actor, Words.Ago(view.UpdatedAt, call.Now));
            }

            table.Print("There are no bindings. Set one with: paas bindings set NAME --type TYPE KEY=@FILE");
        });
    }

    private static async Task RemoveAsync(Call call, CancellationToken cancellationToken)
    {
        await call.Client.RemoveBindingAsync(await call.AppAsync(cancellationToken), call.Value(Name)!, cancellationToken);
        call.Done($"Removed the binding {call.Value(Name)}.");
    }
}
