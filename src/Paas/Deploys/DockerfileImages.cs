using Paas.Apps;
using Paas.Builds;
using Paas.Oci;
using Paas.Releases;

namespace Paas.Deploys;

/// <summary>Reads and proves an image that a Dockerfile made here, as one that was pushed is: what it says of itself is its author's word.</summary>
public sealed class DockerfileImages(Images images, LayerProofs proofs)
{
    /// <param name="built">Its image is in the content store.</param>
    public async Task<IntakeResult> TakeAsync(BuildResult.Built built, IReadOnlyList<ConfigVar> config, Action<string> line, CancellationToken cancellationToken)
    {
        try
        {
            var image = await images.ReadAsync(built.Image, cancellationToken);
            ImageRules.Check(image, "The image");
            await proofs.EnsureAsync(image, line, cancellationToken);
            var reading = ImageReading.Of(image.Config);
            var run = new ImageRun { Reference = built.Dockerfile!, Digest = image.Digest.ToString(), Launcher = reading.Launcher, Ports = reading.Ports, Health = reading.Health };
            foreach (var note in reading.Notes.Append(ImagePort.Of(run, config).Sentence).OfType<string>())
            {
                line(note);
            }

            return new IntakeResult.Taken(image, image.Digest, run, reading.Processes);
        }
        catch (ImageRefusedException refused)
        {
            return new IntakeResult.Refused(refused.Message);
        }
        catch (Exception refused) when (refused is DigestMismatchException or InvalidDataException)
        {
            return new IntakeResult.Refused($"The image that the Dockerfile made cannot be unpacked. {refused.Message}");
        }
    }
}
