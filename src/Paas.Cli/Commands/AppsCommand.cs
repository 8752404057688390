using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>apps create, list, info, rename, set, destroy.</summary>
internal static class AppsCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "Lower-case letters, digits and '-'" };
    private static readonly Argument<string> NewName = new("new") { Description = "The new name" };
    private static readonly Argument<string> Doomed = new("name") { Description = "The app" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("apps", "Your apps", "paas apps").Runs(surroundings, ListAsync).With(
            new Verb("create", "Make an app; the last line printed is its git URL", "paas apps create myapp", "git push paas main", "paas apps create myapp --buildpack fagiani/apt --buildpack paas/node").With(Name, AppSettingsCommand.Buildpacks).Runs(surroundings, CreateAsync),
            new Verb("list", "List the apps with their state", "paas apps list", "paas apps list --json").Runs(surroundings, ListAsync),
            new Verb("info", "Show one app", "paas apps info", "paas apps info --app myapp").Runs(surroundings, InfoAsync),
            new Verb("rename", "Give the app another name; its git URL and its own domain change with it", "paas apps rename shop --app myapp").With(NewName).Runs(surroundings, RenameAsync),
            AppSettingsCommand.Make(surroundings),
            new Verb("destroy", "Stop the app and free its name", "paas apps destroy myapp", "paas apps destroy myapp --yes").With(Doomed, Yes).Runs(surroundings, DestroyAsync));

    private static async Task CreateAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.Client.CreateAppAsync(call.Value(Name)!, call.Has(AppSettingsCommand.Buildpacks) ? call.Value(AppSettingsCommand.Buildpacks) : null, cancellationToken);
        var error = call.Surroundings.Error;
        if (await GitFolder.IsWorkTreeAsync(call.Surroundings, cancellationToken))
        {
            await error.WriteLineAsync(await GitFolder.ConnectAsync(call.Surroundings, app.GitUrl, call.Client.Platform, cancellationToken)
                ? $"Added the git remote '{AppRemotes.Name}'. Deploy with: git push {AppRemotes.Name} main"
                : $"This folder has a git remote '{AppRemotes.Name}' already; it stays as it is. Deploy with: git push {app.GitUrl} main");
        }

        call.Show(app, ContractJson.Default.AppView, view =>
        {
            call.Print($"Created {view.Name}. It will answer at {view.Url}");
            call.Print(view.GitUrl);
        });
    }

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var apps = await call.Client.AppsAsync(cancellationToken);
        call.Show(apps, ContractJson.Default.IReadOnlyListAppView, views =>
        {
            var table = call.Table("NAME", "STATE", "RELEASE", "URL", "WHAT IT DOES");
            foreach (var view in views)
            {
                table.Row(view.Name, view.State, Words.Version(view.Release), view.Url, view.Sentence);
            }

            table.Print("There are no apps yet. Make one with: paas apps create NAME");
        });
    }

    private static async Task InfoAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.Client.AppAsync(await call.AppAsync(cancellationToken), cancellationToken);
        call.Show(app, ContractJson.Default.AppView, view => AppSettingsCommand.Print(view, call));
    }

    private static async Task RenameAsync(Call call, CancellationToken cancellationToken)
    {
        var name = await call.AppAsync(cancellationToken);
        var app = await call.Client.UpdateAppAsync(name, new UpdateApp { Name = call.Value(NewName) }, cancellationToken);
        foreach (var remote in await GitFolder.RemotesAsync(call.Surroundings, cancellationToken))
        {
            if (AppRemotes.AppOf(remote.Url, call.Client.Platform) == name)
            {
                await GitFolder.SetRemoteAsync(call.Surroundings, remote.Name, app.GitUrl, cancellationToken);
                await call.Surroundings.Error.WriteLineAsync($"The git remote '{remote.Name}' follows.");
            }
        }

        call.Show(app, ContractJson.Default.AppView, view => call.Print($"Renamed {name} to {view.Name}. It answers at {view.Url}; push to {view.GitUrl}"));
    }

    private static async Task DestroyAsync(Call call, CancellationToken cancellationToken)
    {
        var name = call.Value(Doomed)!;
        if (!call.Value(Yes))
        {
            await AskAsync(call, name, cancellationToken);
        }

        await call.WorkingAsync($"Stopping {name}", DoneAsync(call.Client.DestroyAppAsync(name, cancellationToken)), cancellationToken);
        call.Done($"Destroyed {name}.");
    }

    private static async Task AskAsync(Call call, string name, CancellationToken cancellationToken)
    {
        if (!call.Surroundings.InputIsTerminal)
        {
            throw CliError.Usage($"Destroying {name} needs a yes, and there is no terminal to ask on. Add --yes to destroy it.");
        }

        await call.Surroundings.Error.WriteAsync($"This stops {name} and frees its name. Type the name to destroy it: ");
        using var reader = new StreamReader(call.Surroundings.OpenInput());
        if ((await reader.ReadLineAsync(cancellationToken))?.Trim() != name)
        {
            throw new CliError(ExitCodes.Refused, $"That is not its name: {name} was left as it is.");
        }
    }

    private static async Task<bool> DoneAsync(Task work)
    {
        await work;
        return true;
    }
}
