namespace Paas.Registry;

/// <summary>Writes down what somebody did to a repository. Only what changes what others see: tags and deletions, not each blob.</summary>
internal sealed class RegistryAudit(IEnumerable<RegistryNoted> noted)
{
    /// <summary>After the request was answered; tells nothing when it did not succeed.</summary>
    public void Answered(RepositoryRequest request, RegistryPath path)
    {
        if (request.Context.Response.StatusCode is < 200 or >= 300)
        {
            return;
        }

        switch (request.Context.Request.Method, path)
        {
            case ("PUT", RegistryPath.ManifestOf { Reference.Tag: { } tag }):
                Note(request, "registry.pushed", $"Pushed {request.Name}:{tag}");
                break;
            case ("DELETE", RegistryPath.ManifestOf { Reference: var reference }):
                Note(request, "registry.deleted", $"Deleted {request.Name}{(reference.Tag is null ? "@" : ":")}{reference}");
                break;
            case ("DELETE", RegistryPath.Blob { Digest: var digest }):
                Note(request, "registry.deleted", $"Deleted the blob {digest} from {request.Name}");
                break;
        }
    }

    public void Note(RepositoryKey key, string actor, string action, string text)
    {
        foreach (var tell in noted)
        {
            tell(new RegistryNote(key.TeamId, key.AppId, actor, action, text));
        }
    }

    private void Note(RepositoryRequest request, string action, string text) => Note(request.Key, request.Caller.Name, action, text);
}
