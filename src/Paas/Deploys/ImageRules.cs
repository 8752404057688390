using Paas.Oci;

namespace Paas.Deploys;

/// <summary>What an image must be to run here, apart from its layers' content.</summary>
internal static class ImageRules
{
    /// <exception cref="ImageRefusedException">It breaks one.</exception>
    public static void Check(Image image, string name)
    {
        if (image.Config.Os != "linux" || image.Config.Architecture != Images.Architecture)
        {
            throw new ImageRefusedException(
                $"{name} is for {Shown(image.Config.Os)}/{Shown(image.Config.Architecture)}, but this server runs linux/{Images.Architecture}: build it for that (docker build --platform linux/{Images.Architecture}) and push it again.");
        }

        if (image.Manifest.Layers.Count > ImagePull.MaxLayers)
        {
            throw new ImageRefusedException($"{name} has {image.Manifest.Layers.Count} layers; more than {ImagePull.MaxLayers} cannot be mounted: build it with fewer steps.");
        }

        if (image.Manifest.Layers.Count != image.Config.RootFs.DiffIds.Count)
        {
            throw new ImageRefusedException($"{name} has {image.Manifest.Layers.Count} layers, but its config speaks of {image.Config.RootFs.DiffIds.Count}: build the image anew and push it again.");
        }

        if (image.Manifest.Layers.Count == 0)
        {
            throw new ImageRefusedException($"{name} has no layers, so there is nothing to run in it.");
        }
    }

    private static string Shown(string text) => State.Printable.Short(text);
}
