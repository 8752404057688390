namespace Paas.Registry;

/// <summary>What one may do with a repository. Each stands alone: whoever may push may not therefore delete.</summary>
[Flags]
internal enum RegistryRights
{
    None = 0,
    Pull = 1,
    Push = 2,
    Delete = 4,
    All = Pull | Push | Delete,
}

internal static class RegistryRightsWords
{
    /// <summary>As scopes and people write them: "pull,push".</summary>
    public static string Words(this RegistryRights rights) => string.Join(',', rights.Names());

    /// <summary>What a request needs (distribution: "Token Scope Documentation").</summary>
    public static RegistryRights Needed(string method, RegistryPath path) => (method, path) switch
    {
        // A session of an upload is looked at and cancelled by whoever may push.
        (_, RegistryPath.Uploads or RegistryPath.Upload) => RegistryRights.Push,
        ("PUT" or "POST" or "PATCH", _) => RegistryRights.Push,
        ("DELETE", _) => RegistryRights.Delete,
        _ => RegistryRights.Pull,
    };

    /// <summary>In this order.</summary>
    public static IEnumerable<string> Names(this RegistryRights rights)
    {
        if (rights.HasFlag(RegistryRights.Pull))
        {
            yield return "pull";
        }

        if (rights.HasFlag(RegistryRights.Push))
        {
            yield return "push";
        }

        if (rights.HasFlag(RegistryRights.Delete))
        {
            yield return "delete";
        }
    }
}
