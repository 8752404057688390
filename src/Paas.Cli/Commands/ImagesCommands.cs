using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>registry tags, registry inspect, registry rm.</summary>
internal static class ImagesCommands
{
    private static readonly Argument<string?> Repository = new("repository") { Description = "Such as myapp or team/app; without it, the app of the current folder", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string> Image = new("image") { Description = "Such as myapp:v7, or myapp@sha256:...; without a tag: latest" };
    private static readonly Argument<string> Doomed = new("image") { Description = "Such as myapp:1.0; without a tag or digest the whole repository" };
    private static readonly Option<int> Count = new("--num", "-n") { Description = "How many tags", HelpName = "COUNT", DefaultValueFactory = _ => 100 };
    private static readonly Option<bool> Raw = new("--raw") { Description = "Print the manifest as it was pushed" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };

    public static Verb[] All(Surroundings surroundings) =>
    [
        new Verb("tags", "List the tags of a repository, pushed last first", "paas registry tags myapp", "paas registry tags team/app --json").With(Repository, Count).Runs(surroundings, TagsAsync),
        new Verb("inspect", "Show what an image is made of and what refers to it", "paas registry inspect myapp:v7", "paas registry inspect myapp:v7 --raw").With(Image, Raw).Runs(surroundings, InspectAsync),
        new Verb("rm", "Remove a tag, an image or a repository; what a release needs stays", "paas registry rm myapp:1.0", "paas registry rm team/app --yes").With(Doomed, Yes).Runs(surroundings, RemoveAsync),
    ];

    private static async Task TagsAsync(Call call, CancellationToken cancellationToken)
    {
        var name = call.Value(Repository) is { } typed ? ImageText.Parse(typed, call.Client.Platform).Repository : await call.AppAsync(cancellationToken);
        var tags = await call.Client.TagsAsync(name, call.Value(Count), cancellationToken);
        call.Show(tags, ContractJson.Default.IReadOnlyListTagView, views =>
        {
            var table = call.Table("TAG", "DIGEST", "SIZE", "PUSHED", "RELEASES", "KIND");
            foreach (var view in views)
            {
                table.Row(view.Name, Words.Short(view.Digest), Words.Bytes(view.Size), Words.Ago(view.PushedAt, call.Now), Releases(view.Releases, view.Live), view.ArtifactType ?? view.Kind);
            }

            table.Print($"The repository {name} has no tags.");
        });
    }

    private static async Task InspectAsync(Call call, CancellationToken cancellationToken)
    {
        var image = ImageText.Parse(call.Value(Image)!, call.Client.Platform);
        var raw = call.Value(Raw);
        var manifest = await call.Client.ManifestAsync(image.Repository, image.Reference ?? "latest", raw, cancellationToken);
        if (raw && !call.Json)
        {
            await call.Out.WriteAsync(manifest.Raw);
            return;
        }

        call.Show(manifest, ContractJson.Default.ManifestView, view => Print(call, view));
    }

    private static void Print(Call call, ManifestView view)
    {
        call.Print($"image        {view.Image}");
        call.Print($"kind         {view.ArtifactType ?? view.Kind}{(view.Config?.Platform is { } platform ? $" for {platform}" : "")}");
        call.Print($"tags         {(view.Tags.Count == 0 ? "none" : string.Join(", ", view.Tags))}");
        if (view.Releases.Count > 0)
        {
            call.Print($"releases     {Releases(view.Releases, view.Live)}");
        }

        call.Print($"size         {Words.Bytes(view.Size)}");
        call.Print($"pushed       {Words.Ago(view.PushedAt, call.Now)}");
        if (view.Config is { Command.Count: > 0 } config)
        {
            call.Print($"command      {string.Join(' ', config.Command)}");
            call.Print($"user         {config.User ?? "root"}");
        }

        if (view.Subject is { } subject)
        {
            call.Print($"refers to    {subject}");
        }

        var tables = new (Table Table, int Rows)[]
        {
            (LayersOf(call, view), view.Layers.Count), (ManifestsOf(call, view), view.Manifests.Count), (ReferrersOf(call, view), view.Referrers.Count),
        };
        foreach (var (table, _) in tables.Where(table => table.Rows > 0))
        {
            call.Print("");
            table.Print("");
        }
    }

    private static Table LayersOf(Call call, ManifestView view)
    {
        var table = call.Table("LAYER", "SIZE", "MADE BY", "WHAT");
        foreach (var layer in view.Layers)
        {
            table.Row(Words.Short(layer.Digest), Words.Bytes(layer.Size), layer.MadeBy, layer.What);
        }

        return table;
    }

    private static Table ManifestsOf(Call call, ManifestView view)
    {
        var table = call.Table("IMAGE", "PLATFORM", "SIZE");
        foreach (var child in view.Manifests)
        {
            table.Row(Words.Short(child.Digest), child.Platform, child.Size is { } size ? Words.Bytes(size) : "not pushed");
        }

        return table;
    }

    private static Table ReferrersOf(Call call, ManifestView view)
    {
        var table = call.Table("REFERRED BY", "SIZE", "WHAT", "TYPE");
        foreach (var referrer in view.Referrers)
        {
            table.Row(Words.Short(referrer.Digest), Words.Bytes(referrer.Size), referrer.Kind, referrer.ArtifactType);
        }

        return table;
    }

    private static async Task RemoveAsync(Call call, CancellationToken cancellationToken)
    {
        var image = ImageText.Parse(call.Value(Doomed)!, call.Client.Platform);
        if (!call.Value(Yes))
        {
            await AskAsync(call, image, cancellationToken);
        }

        if (image.Reference is { } reference)
        {
            await call.Client.DeleteManifestAsync(image.Repository, reference, cancellationToken);
        }
        else
        {
            await call.Client.DeleteRepositoryAsync(image.Repository, cancellationToken);
        }

        call.Done($"Removed {image}. What nothing else needs is freed by the next collection: paas registry gc");
    }

    private static async Task AskAsync(Call call, ImageText image, CancellationToken cancellationToken)
    {
        if (!call.Surroundings.InputIsTerminal)
        {
            throw CliError.Usage($"Removing {image} needs a yes, and there is no terminal to ask on. Add --yes to remove it.");
        }

        var answer = image.Reference is null ? image.Repository : "yes";
        var what = image.Reference is null ? $"This removes the repository {image} with all its images. Type its name" : $"This removes {image}. Type yes";
        await call.Surroundings.Error.WriteAsync($"{what} to go on: ");
        using var reader = new StreamReader(call.Surroundings.OpenInput());
        if ((await reader.ReadLineAsync(cancellationToken))?.Trim() != answer)
        {
            throw new CliError(ExitCodes.Refused, $"{image} was left as it is.");
        }
    }

    /// <summary>"v7 live, v6".</summary>
    private static string Releases(IReadOnlyList<int> numbers, bool live) => numbers switch
    {
        [] => "",
        [var newest] => $"{Words.Version(newest)}{(live ? " (live)" : "")}",
        [.., var oldest] => $"{Words.Version(oldest)} to {Words.Version(numbers[0])}{(live ? " (live)" : "")}",
    };
}
