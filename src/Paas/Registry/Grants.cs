using System.Globalization;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>Lets the edge repeat an answer by itself: a blob or manifest that control has authorised, to the same credentials, for some
/// seconds and until anything changes in the database (docs/decisions/registry-grants.md).</summary>
internal sealed class Grants(Database database, TimeProvider time)
{
    /// <summary>Long enough to matter to a crowd that pulls one image, short enough for whatever is neither in the database nor raises the epoch.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Called before the request is looked at: what changes meanwhile makes the answer one that is not repeated.</summary>
    public void Offer(HttpContext context)
    {
        if (database.Epoch?.Current is { } epoch && HttpMethods.IsGet(context.Request.Method) && context.Request.Headers[BlobDelivery.CanSendHeader] == "1")
        {
            context.Response.OnStarting(() =>
            {
                Write(context, epoch);
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>No longer than the caller's own right. What a node may pull changes with what runs there, which no commit tells: it gets none.</summary>
    public static void Limit(HttpContext context, RegistryCaller caller)
    {
        if ((caller is RegistryCaller.Node ? DateTimeOffset.MinValue : caller.ExpiresAt) is { } end)
        {
            context.Items[typeof(Grants)] = end;
        }
    }

    /// <summary>This answer is not to be repeated.</summary>
    public static void Forgo(HttpContext context) => context.Items[typeof(Grants)] = DateTimeOffset.MinValue;

    private void Write(HttpContext context, long epoch)
    {
        var response = context.Response;
        var left = context.Items[typeof(Grants)] is DateTimeOffset end && end - time.GetUtcNow() is var rest && rest < Longest ? rest : Longest;

        // Of what the registry answers only blobs and manifests have a digest; the rest is not asked for by crowds.
        if (response.StatusCode == StatusCodes.Status200OK && response.Headers.ContainsKey("Docker-Content-Digest") && left > TimeSpan.Zero)
        {
            response.Headers[BlobDelivery.GrantHeader] = string.Create(CultureInfo.InvariantCulture, $"{epoch} {(long)left.TotalMilliseconds}");
        }
    }
}
