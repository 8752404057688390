namespace Paas.Registry;

/// <summary>Releases give up images that they no longer keep for a rollback. Bound by the slice that knows (Deploys).</summary>
/// <param name="dryRun">Changes nothing and says what it would.</param>
public delegate IReadOnlyList<GivenUpRelease> GiveUpReleases(bool dryRun);

/// <param name="Tag">"v7", of the app's own repository.</param>
public sealed record GivenUpRelease(long AppId, string Tag, string Reason);

/// <summary>What repositories keep: rules on tags, written by whoever administers a repository. The platform's own tags of an app (v7, latest)
/// follow its releases instead.</summary>
internal static class Retention
{
    /// <summary>Drops the tags that the repository's rule, or the app's releases, no longer keep.</summary>
    public static IEnumerable<CollectedItem> Apply(CollectionRows rows, RepositoryRule repository, ILookup<long, GivenUpRelease> givenUp, DateTimeOffset now)
    {
        var isOfReleases = repository is { AppId: not null, Path: "" };
        if (repository.Rule.KeepsAll && !(isOfReleases && givenUp[repository.AppId!.Value].Any()))
        {
            yield break;
        }

        var tags = rows.Tags(repository.Id);
        var own = isOfReleases ? givenUp[repository.AppId!.Value].ToDictionary(release => release.Tag, StringComparer.Ordinal) : [];
        foreach (var tag in tags.Where(tag => own.ContainsKey(tag.Name)))
        {
            if (rows.DropTag(repository.Id, tag, now))
            {
                yield return new CollectedItem(CollectedKind.Tag, repository.Name, tag.Name, 0, own[tag.Name].Reason);
            }
        }

        var others = tags.Where(tag => !isOfReleases || !IsPlatforms(tag.Name)).ToList();
        foreach (var tag in repository.Rule.Drops(others, tag => (tag.Name, tag.UpdatedAt), now))
        {
            if (rows.DropTag(repository.Id, tag, now))
            {
                yield return new CollectedItem(CollectedKind.Tag, repository.Name, tag.Name, 0, $"{repository.Name} keeps {repository.Rule}");
            }
        }
    }

    /// <summary>Only the platform writes these into an app's own repository.</summary>
    private static bool IsPlatforms(string tag) => tag == "latest" || (tag is ['v', .. var number] && number.Length > 0 && number.All(char.IsAsciiDigit));
}

/// <summary>A repository and what its retention keeps.</summary>
internal sealed record RepositoryRule
{
    public long Id { get; init; }

    public long? AppId { get; init; }

    public string Path { get; init; } = "";

    /// <summary>As people name it.</summary>
    public string Name { get; init; } = "";

    public int? KeepLast { get; init; }

    public int? KeepDays { get; init; }

    public string? KeepTags { get; init; }

    public RetentionRule Rule => new(KeepLast, KeepDays, KeepTags);
}
