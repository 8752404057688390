using System.Globalization;
using System.Text.Json;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>When an app's image may stand on another run image (CNB platform spec 0.15, "rebaser": "Inputs" and "Rebaseability"). Images of
/// platform APIs before 0.12 are held to stack id and mixins, later ones to their target, as the reference does.</summary>
internal static class RebaseRules
{
    private const string Api = "CNB_PLATFORM_API=";
    private const string StackId = "io.buildpacks.stack.id";
    private const string Mixins = "io.buildpacks.stack.mixins";

    /// <exception cref="LifecycleFailure.NotRebasable">It may not.</exception>
    public static void Check(Image app, Image runImage)
    {
        if (HasTargets(app))
        {
            CheckTarget(app, runImage);
        }
        else
        {
            CheckStack(app, runImage);
            CheckMixins(app, runImage);
        }
    }

    private static bool HasTargets(Image app)
    {
        var api = app.Config.Config?.Env?.FirstOrDefault(variable => variable.StartsWith(Api, StringComparison.Ordinal))?[Api.Length..];
        return api?.Split('.') is [var major, var minor]
            && int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
            && (first, second).CompareTo((0, 12)) >= 0;
    }

    private static void CheckTarget(Image app, Image runImage)
    {
        if (Label(app, "io.buildpacks.rebasable") == "false")
        {
            throw new LifecycleFailure.NotRebasable("The image is marked as not rebasable (label io.buildpacks.rebasable=false): build it again to get the new run image.");
        }

        var (was, becomes) = (Target(app.Config), Target(runImage.Config));
        var same = was.Os == becomes.Os
            && was.Architecture == becomes.Architecture
            && (string.IsNullOrEmpty(was.Variant) || string.IsNullOrEmpty(becomes.Variant) || was.Variant == becomes.Variant)
            && Fits(was.DistributionName, becomes.DistributionName)
            && Fits(was.DistributionVersion, becomes.DistributionVersion);
        if (!same)
        {
            throw new LifecycleFailure.NotRebasable($"The image is made for {Words(was)}, the new run image is {Words(becomes)}: build the app again to move it.");
        }
    }

    /// <summary>What the run image does not say is not compared; what it says, the app's image has to say too.</summary>
    private static bool Fits(string? was, string? becomes) => string.IsNullOrEmpty(becomes) || was == becomes;

    private static Target Target(ImageConfig config) => Buildpacks.Target.Of(config) with { Variant = config.Variant };

    private static string Words(Target target)
    {
        var platform = string.Join('/', new[] { target.Os, target.Architecture, target.Variant }.Where(part => !string.IsNullOrEmpty(part)));
        var distribution = $"{target.DistributionName} {target.DistributionVersion}".Trim();
        return distribution.Length == 0 ? platform : $"{platform} ({distribution})";
    }

    private static void CheckStack(Image app, Image runImage)
    {
        var (was, becomes) = (Label(app, StackId), Label(runImage, StackId));
        if (string.IsNullOrEmpty(was) || string.IsNullOrEmpty(becomes))
        {
            throw new LifecycleFailure.NotRebasable($"The {(string.IsNullOrEmpty(was) ? "image" : "new run image")} does not say which stack it is of (label {StackId}).");
        }

        if (was != becomes)
        {
            throw new LifecycleFailure.NotRebasable($"The image is of the stack {was}, the new run image of {becomes}: build the app again to move it.");
        }
    }

    private static void CheckMixins(Image app, Image runImage)
    {
        var missing = MixinsOf(app, "the image").Except(MixinsOf(runImage, "the new run image"), StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            throw new LifecycleFailure.NotRebasable($"The new run image lacks what the app needs (mixins): {string.Join(", ", missing)}.");
        }
    }

    /// <summary>Without the stage in front: "run:libpq" is "libpq".</summary>
    private static IEnumerable<string> MixinsOf(Image image, string whose)
    {
        if (Label(image, Mixins) is not { Length: > 0 } text)
        {
            return [];
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Null
                ? []
                : [.. json.RootElement.EnumerateArray().Select(item => WithoutStage(item.GetString() ?? ""))];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new LifecycleFailure.NotRebasable($"The label {Mixins} of {whose} is not a list of names.", exception);
        }
    }

    private static string WithoutStage(string mixin) => mixin.Split(':', 2) is ["run" or "build", var name] ? name : mixin;

    private static string? Label(Image image, string name) => image.Config.Config?.Labels?.GetValueOrDefault(name);
}
