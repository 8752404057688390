using System.Globalization;
using System.Text.Json;
using Paas.Apps;
using Paas.Oci;
using Paas.Registry;
using Paas.Releases;

namespace Paas.Deploys;

/// <summary>How the taking in of an image ended.</summary>
public abstract record IntakeResult
{
    private IntakeResult()
    {
    }

    /// <param name="Top">What the reference named: an index, or the image itself.</param>
    public sealed record Taken(Image Image, Digest Top, ImageRun Run, IReadOnlyDictionary<string, string> Processes) : IntakeResult;

    /// <param name="Sentence">What is wrong with the image or its registry, and what to do.</param>
    public sealed record Refused(string Sentence) : IntakeResult;
}

/// <summary>Takes an image that was not built here: finds or fetches it, checks that it can run here, unpacks and proves its layers.</summary>
public sealed class ImageIntake(AppImages images, ImageFetch fetch, ImageLookup lookup, LayerProofs proofs)
{
    public async Task<IntakeResult> TakeAsync(App app, ImageName name, IReadOnlyList<ConfigVar> config, DeployLog log, CancellationToken cancellationToken)
    {
        try
        {
            log.Phase("fetch");
            var (image, top) = name switch
            {
                ImageName.Pushed pushed => await lookup.FindAsync(images.Find(app), pushed.Text, Reference.Of(pushed.Digest), cancellationToken),
                ImageName.Own own => await lookup.FindAsync(images.Find(app.TeamId, own.Repository), own.Text, own.Reference, cancellationToken),
                ImageName.Remote remote => await fetch.FetchAsync(app, remote.Image, log.Line, cancellationToken),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            log.Line(string.Create(
                CultureInfo.InvariantCulture, $"{name.Text} is {image.Digest.Algorithm}:{image.Digest.Short}: {image.Manifest.Layers.Count} layers, {image.Manifest.Layers.Sum(layer => layer.Size) / 1e6:0.0} MB"));
            ImageRules.Check(image, name.Text);

            log.Phase("unpack");
            await proofs.EnsureAsync(image, log.Line, cancellationToken);
            var reading = ImageReading.Of(image.Config);
            if (reading.Processes.Count == 0)
            {
                return new IntakeResult.Refused("The image does not say what to run: give it an ENTRYPOINT or a CMD.");
            }

            var run = new ImageRun { Reference = name.Text, Digest = top.ToString(), Launcher = reading.Launcher, Ports = reading.Ports, Health = reading.Health };
            foreach (var note in reading.Notes.Append(reading.Processes.ContainsKey("web") ? ImagePort.Of(run, config).Sentence : null).OfType<string>())
            {
                log.Line(note);
            }

            return new IntakeResult.Taken(image, top, run, reading.Processes);
        }
        catch (ImageRefusedException refused)
        {
            return new IntakeResult.Refused(refused.Message);
        }
        catch (RegistryClientException refused)
        {
            return new IntakeResult.Refused(refused.Message);
        }
        catch (DigestMismatchException mismatch)
        {
            return new IntakeResult.Refused($"A layer is not what the image's config says of it. {mismatch.Message} Build the image anew and push it again.");
        }
        catch (InvalidDataException refused)
        {
            return new IntakeResult.Refused($"The image cannot be unpacked. {refused.Message}");
        }
        catch (FileNotFoundException)
        {
            return new IntakeResult.Refused("A part of the image is no longer here: push it again.");
        }
        catch (JsonException)
        {
            return new IntakeResult.Refused("This is not an image that can be run: it may be a chart or a signature.");
        }
    }
}

/// <summary>An image cannot be run here; the message says why and what to do.</summary>
internal sealed class ImageRefusedException(string message) : Exception(message);
