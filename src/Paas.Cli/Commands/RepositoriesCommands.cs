using System.CommandLine;
using System.Globalization;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>registry repos, registry set.</summary>
internal static class RepositoriesCommands
{
    private static readonly Argument<string> Name = new("repository") { Description = "Such as myapp or team/app" };
    private static readonly Option<bool> Public = new("--public") { Description = "Whoever asks may pull, without a token" };
    private static readonly Option<bool> Private = new("--private") { Description = "Only the team and its tokens may pull" };
    private static readonly Option<int?> KeepLast = new("--keep-last") { Description = "A collection leaves the newest tags; 0: no such rule", HelpName = "COUNT" };
    private static readonly Option<int?> KeepDays = new("--keep-days") { Description = "A collection leaves tags younger than that; 0: no such rule", HelpName = "DAYS" };
    private static readonly Option<string?> KeepTags = new("--keep-tags") { Description = "A collection leaves tags like these, such as 'v*,stable'; '': no such rule", HelpName = "PATTERNS" };
    private static readonly Option<string?> Limit = new("--limit") { Description = "What all of it may have, such as 20G; 0: no limit of its own", HelpName = "SIZE" };

    public static Verb[] All(Surroundings surroundings)
    {
        var repos = new Verb("repos", "List the repositories with their sizes", "paas registry repos", "paas registry repos --json").Runs(surroundings, ListAsync);
        repos.Aliases.Add("ls");
        return
        [
            repos,
            new Verb("set", "Say who may pull, and which tags a collection leaves", "paas registry set team/app --public", "paas registry set myapp --keep-last 10 --keep-tags 'v*,stable'")
                .With(Name, Public, Private, KeepLast, KeepDays, KeepTags, Limit).Runs(surroundings, SetAsync),
        ];
    }

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var repositories = await call.Client.RepositoriesAsync(cancellationToken);
        call.Show(repositories, ContractJson.Default.IReadOnlyListRepositoryView, views =>
        {
            var table = call.Table("REPOSITORY", "TAGS", "SIZE", "SHARED", "LAST PUSH", "PULLED BY");
            foreach (var view in views)
            {
                table.Row(
                    view.Name, Words.Number(view.Tags), Words.Bytes(view.Size), Words.Bytes(view.SharedSize), view.PushedAt is { } at ? Words.Ago(at, call.Now) : "never", view.Public ? "everybody" : "the team");
            }

            table.Print("There are no images yet. A git push makes one, or push your own with: docker push REGISTRY/NAME:TAG");
        });
    }

    private static async Task SetAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Value(Public) && call.Value(Private))
        {
            throw CliError.Usage("A repository is either public or private: choose one of --public and --private.");
        }

        var update = new UpdateRepository
        {
            Public = call.Value(Public) ? true : call.Value(Private) ? false : null,
            KeepLast = call.Value(KeepLast),
            KeepDays = call.Value(KeepDays),
            KeepTags = call.Value(KeepTags),
            MaxBytes = call.Value(Limit) is not { } limit ? null : limit.Trim() == "0" ? 0 : SizeText.ParseMegabytes(limit) * 1048576L,
        };
        if (update == new UpdateRepository())
        {
            throw CliError.Usage("What should be set? See: paas registry set --help");
        }

        var repository = await call.Client.UpdateRepositoryAsync(ImageText.Parse(call.Value(Name)!, call.Client.Platform).Repository, update, cancellationToken);
        call.Show(repository, ContractJson.Default.RepositoryView, view => call.Print($"{view.Name}: {Say(view)}"));
    }

    /// <summary>"pulled by the team, keeps the newest 10 tags and those like v*".</summary>
    private static string Say(RepositoryView view)
    {
        var kept = new List<string>();
        if (view.Retention.KeepLast is { } last)
        {
            kept.Add($"the newest {Words.Number(last)} tags");
        }

        if (view.Retention.KeepDays is { } days)
        {
            kept.Add($"those of the last {Words.Number(days)} days");
        }

        if (view.Retention.KeepTags is { } tags)
        {
            kept.Add($"those like {tags}");
        }

        var limit = view.MaxBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $", has {Words.Bytes(bytes)} at most") : "";
        return $"pulled by {(view.Public ? "everybody" : "the team")}, keeps {(kept.Count == 0 ? "every tag" : string.Join(" and ", kept))}{limit}.";
    }
}
