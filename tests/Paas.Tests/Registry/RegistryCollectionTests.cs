using Paas.Oci;

namespace Paas.Registry;

public sealed class RegistryCollectionTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly CollectionLab _lab = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blob_without_a_manifest_stays_for_the_grace_time_and_then_goes()
    {
        var blob = await _lab.BlobAsync(_lab.Hello, "unfinished push");
        var report = await _lab.LaterBy(Hour).CollectAsync();
        Assert.Equal("Removed nothing.", report.Sentence);
        Assert.True(_lab.Store.HasBlob(_lab.Hello, blob));

        report = await _lab.LaterBy(2 * Hour).CollectAsync();
        Assert.Equal("1 Link, 1 Blob", CollectionLab.Said(report));
        Assert.Equal(15, report.Bytes);
        Assert.False(_lab.Blobs.Contains(blob));
        Assert.Equal(0, _lab.Count("repository_blobs"));
    }

    [Fact]
    public async Task What_is_held_is_told_with_the_time_when_it_is_free()
    {
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        await _lab.Blobs.PutAsync("nobody has this"u8.ToArray(), MediaTypes.Config, Cancelled);
        var held = (await _lab.CollectAsync(dryRun: true)).Held;
        Assert.Equal((1, 15L), (held.Count, held.Bytes));
        Assert.InRange(held.Until!.Value, before + (2 * Hour), TimeProvider.System.GetUtcNow() + (2 * Hour));
    }

    [Fact]
    public async Task What_a_tag_names_stays_however_old_it_is()
    {
        var image = await _lab.ImageAsync(_lab.Hello, "stable", ["layer"]);
        Assert.Equal("Removed nothing.", (await _lab.LaterBy(1000 * 24 * Hour).CollectAsync()).Sentence);
        Assert.Equal(3, _lab.Blobs.All().Count());
        Assert.True(_lab.HasManifest(_lab.Hello, image));
    }

    [Fact]
    public async Task A_manifest_that_was_never_tagged_waits_a_day_for_its_tag()
    {
        var image = await _lab.ImageAsync(_lab.Hello, null, ["layer"]);
        await _lab.LaterBy(23 * Hour).CollectAsync();
        Assert.True(_lab.HasManifest(_lab.Hello, image));
        var report = await _lab.LaterBy(2 * Hour).CollectAsync();
        Assert.Equal("1 Manifest, 2 Link, 3 Blob", CollectionLab.Said(report));
        Assert.Empty(_lab.Blobs.All());
    }

    [Fact]
    public async Task A_manifest_that_lost_its_tag_stays_for_those_who_are_pulling_it()
    {
        var image = await _lab.ImageAsync(_lab.Hello, "latest", ["old layer"]);
        _lab.LaterBy(48 * Hour);
        await _lab.ImageAsync(_lab.Hello, "latest", ["new layer"]);
        await _lab.LaterBy(Hour).CollectAsync();
        Assert.True(_lab.HasManifest(_lab.Hello, image));
        await _lab.LaterBy(2 * Hour).CollectAsync();
        Assert.False(_lab.HasManifest(_lab.Hello, image));
        Assert.Equal(3, _lab.Blobs.All().Count());
    }

    [Fact]
    public async Task A_shared_layer_stays_while_one_image_has_it()
    {
        await _lab.ImageAsync(_lab.Hello, "v", ["shared", "own of hello"]);
        await _lab.ImageAsync(_lab.Base, "v", ["shared", "own of base"]);
        _lab.Delete(_lab.Hello, "v");
        await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.Equal("shared"u8.ToArray(), await _lab.Blobs.ReadAsync(Digest.Of("shared"u8), Cancelled));
        Assert.False(_lab.Store.HasBlob(_lab.Hello, Digest.Of("shared"u8)));
        Assert.False(_lab.Blobs.Contains(Digest.Of("own of hello"u8)));
        Assert.True(_lab.Blobs.Contains(Digest.Of("own of base"u8)));
    }

    [Fact]
    public async Task An_index_keeps_its_children_and_takes_them_along()
    {
        var (amd, arm) = (await _lab.ImageAsync(_lab.Hello, null, ["amd"]), await _lab.ImageAsync(_lab.Hello, null, ["arm"]));
        var nested = await _lab.IndexAsync(_lab.Hello, null, amd, arm);
        await _lab.IndexAsync(_lab.Hello, "all", nested);
        Assert.Equal("Removed nothing.", (await _lab.LaterBy(48 * Hour).CollectAsync()).Sentence);

        _lab.Delete(_lab.Hello, "all");
        Assert.Equal("4 Manifest, 4 Link, 8 Blob", CollectionLab.Said(await _lab.LaterBy(3 * Hour).CollectAsync()));
    }

    [Fact]
    public async Task A_child_that_is_its_own_tag_stays_when_the_index_goes()
    {
        var child = await _lab.ImageAsync(_lab.Hello, "amd64", ["amd"]);
        await _lab.IndexAsync(_lab.Hello, "all", child);
        _lab.Delete(_lab.Hello, "all");
        await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.True(_lab.HasManifest(_lab.Hello, child));
        Assert.Equal(3, _lab.Blobs.All().Count());
    }

    [Fact]
    public async Task A_referrer_lives_as_long_as_its_subject()
    {
        var image = await _lab.ImageAsync(_lab.Hello, "signed", ["layer"]);
        var signature = await _lab.ImageAsync(_lab.Hello, null, ["signature"], image);
        var ofSignature = await _lab.ImageAsync(_lab.Hello, null, ["attestation"], signature);
        await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.True(_lab.HasManifest(_lab.Hello, ofSignature));

        _lab.Delete(_lab.Hello, image.ToString());
        var report = await _lab.LaterBy(3 * Hour).CollectAsync();
        Assert.Equal(["what it refers to is gone", "what it refers to is gone"], report.Items.Where(item => item.Kind == CollectedKind.Manifest).Select(item => item.Reason));
        Assert.Empty(_lab.Blobs.All());
    }

    [Fact]
    public async Task A_referrer_may_come_a_day_before_its_subject()
    {
        var subject = Digest.Of("comes later"u8);
        var referrer = await _lab.ImageAsync(_lab.Hello, null, ["signature"], subject);
        await _lab.LaterBy(20 * Hour).CollectAsync();
        Assert.True(_lab.HasManifest(_lab.Hello, referrer));
        await _lab.LaterBy(20 * Hour).CollectAsync();
        Assert.False(_lab.HasManifest(_lab.Hello, referrer));
    }

    [Fact]
    public async Task A_release_keeps_its_image_without_a_tag_and_without_a_manifest_row()
    {
        var image = await _lab.ImageAsync(_lab.Hello, "v1", ["layer"]);
        _lab.Needs.Add(new ContentRoot("release v1 of hello") { Image = image });
        _lab.Delete(_lab.Hello, "v1");
        await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.True(_lab.HasManifest(_lab.Hello, image));

        _lab.Delete(_lab.Hello, image.ToString());
        await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.True(await _lab.Images.TryRenewAsync(image, Cancelled));

        _lab.Needs.Clear();
        await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.Empty(_lab.Blobs.All());
    }

    [Fact]
    public async Task An_index_that_is_released_keeps_this_machines_image()
    {
        var child = await _lab.ImageAsync(_lab.Hello, null, ["layer"]);
        var index = await _lab.IndexAsync(_lab.Hello, "v1", child);
        _lab.Needs.Add(new ContentRoot("release v1 of hello") { Image = index });
        _lab.Delete(_lab.Hello, index.ToString());
        await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.True(await _lab.Images.TryRenewAsync(index, Cancelled));
        Assert.Equal(4, _lab.Blobs.All().Count());
    }

    [Fact]
    public async Task Nothing_is_deleted_when_a_release_cannot_be_read()
    {
        await _lab.BlobAsync(_lab.Hello, "garbage");
        var image = await _lab.ImageAsync(_lab.Hello, "v1", ["layer"]);
        _lab.Needs.Add(new ContentRoot("release v1 of hello") { Image = image });
        File.Delete(_lab.Blobs.PathOf(image)!);
        var report = await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.Equal(CollectionOutcome.Stopped, report.Outcome);
        Assert.Equal(
            $"The image {image} of release v1 of hello cannot be read, so it cannot be told what it needs and nothing is deleted (The blob {image} is not in the content store.). "
            + "Put its files back from a backup, or destroy the app, or deploy it until that release is no longer kept.",
            report.Sentence);
        Assert.Empty(report.Sums);
        Assert.True(_lab.Blobs.Contains(Digest.Of("garbage"u8)));
        Assert.Equal("stopped", _lab.Journal.List(1).Single().Outcome);
    }

    [Fact]
    public async Task What_another_client_was_told_is_there_stays()
    {
        var blob = await _lab.BlobAsync(_lab.Hello, "seen by HEAD");
        _lab.LaterBy(48 * Hour);
        File.SetLastWriteTimeUtc(_lab.Blobs.PathOf(blob)!, _lab.Time.GetUtcNow().UtcDateTime);
        Assert.Equal("Removed nothing.", (await _lab.CollectAsync()).Sentence);
        Assert.True(_lab.Store.HasBlob(_lab.Hello, blob));
    }

    [Fact]
    public async Task A_push_that_goes_on_for_hours_keeps_its_first_layer()
    {
        var first = await _lab.BlobAsync(_lab.Hello, "first");
        _lab.LaterBy(10 * Hour);
        await _lab.BlobAsync(_lab.Hello, "last");
        await _lab.CollectAsync();
        Assert.True(_lab.Store.HasBlob(_lab.Hello, first));

        using (_lab.Get<UploadSessions>().Start(_lab.Hello, "sha256"))
        {
            await _lab.LaterBy(10 * Hour).CollectAsync();
            Assert.True(_lab.Store.HasBlob(_lab.Hello, first));
        }
    }

    [Fact]
    public async Task Read_only_roots_are_never_touched_and_links_into_them_stay()
    {
        var shared = (await _lab.Cache.PutAsync("base layer"u8.ToArray(), MediaTypes.LayerGzip, Cancelled)).Digest;
        _lab.Store.LinkBlob(_lab.Hello, shared, 10);
        await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.True(_lab.Cache.Contains(shared));
        Assert.True(_lab.Store.HasBlob(_lab.Hello, shared));
    }

    [Fact]
    public async Task Writers_that_died_leave_nothing_and_those_of_now_lose_nothing()
    {
        await using var writer = _lab.Blobs.CreateWriter();
        await writer.WriteAsync("half"u8.ToArray(), Cancelled);
        await File.WriteAllTextAsync(Path.Combine(_lab.Home.Blobs, "tmp", "dead"), "dead", Cancelled);
        Assert.Equal("1 Temporary", CollectionLab.Said(await _lab.LaterBy(3 * Hour).CollectAsync()));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_lab.Home.Blobs, "tmp")));
        await writer.CommitAsync(Digest.Of("half"u8), Cancelled);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_says_what_the_next_run_does()
    {
        _lab.Rule(_lab.Base, last: 1);
        await _lab.ImageAsync(_lab.Hello, null, ["untagged"]);
        await _lab.ImageAsync(_lab.Base, "1", ["one"]);
        _lab.LaterBy(Hour);
        await _lab.ImageAsync(_lab.Base, "2", ["two"]);
        await _lab.BlobAsync(_lab.Base, "no manifest");
        _lab.LaterBy(48 * Hour);

        var counts = Counts();
        var dry = await _lab.CollectAsync(dryRun: true);
        Assert.Equal(counts, Counts());
        Assert.Empty(_lab.Journal.List(10));
        Assert.StartsWith("Would remove 1 tag, 1 manifest, 3 links and 4 blobs", dry.Sentence, StringComparison.Ordinal);

        var real = await _lab.CollectAsync();
        Assert.Equal(dry.Sums, real.Sums);
        Assert.Equal(dry.Items, real.Items);
        Assert.NotEqual(counts, Counts());

        string Counts() => string.Join(' ', new[] { "tags", "manifests", "manifest_edges", "repository_blobs" }.Select(_lab.Count).Append(_lab.Blobs.All().Count()));
    }

    [Fact]
    public async Task The_journal_says_what_went_and_why()
    {
        await _lab.ImageAsync(_lab.Hello, null, ["layer"]);
        await _lab.LaterBy(48 * Hour).CollectAsync();
        await _lab.CollectAsync();
        await _lab.CollectAsync();
        var collections = _lab.Journal.List(10);
        Assert.Equal([0, 6], collections.Select(past => past.Count));
        Assert.Equal(("test", "done"), (collections[1].Cause, collections[1].Outcome));
        var items = _lab.Journal.ItemsOf(collections[1].Id, 100);
        Assert.Equal(("hello", "no tag and no index names it"), (items[0].Repository, items[0].Reason));
        Assert.All(items.Where(item => item.Kind == CollectedKind.Blob), item => Assert.True(item.Bytes > 0));

        await _lab.LaterBy(31 * 24 * Hour).CollectAsync();
        Assert.Single(_lab.Journal.List(10));
        Assert.Equal(0, _lab.Count("collected"));
    }

    [Fact]
    public async Task A_collection_that_ran_out_of_time_is_gone_on_with()
    {
        for (var number = 0; number < 50; number++)
        {
            await _lab.Blobs.PutAsync(BitConverter.GetBytes(number), MediaTypes.Config, Cancelled);
        }

        _lab.LaterBy(48 * Hour);
        var report = await _lab.CollectAsync(limit: TimeSpan.Zero);
        Assert.Equal(CollectionOutcome.TimeLimit, report.Outcome);
        Assert.EndsWith("Its time was over; the next one goes on from there.", report.Sentence, StringComparison.Ordinal);
        Assert.Equal("time_limit", _lab.Journal.List(1).Single().Outcome);
        Assert.Equal(CollectionOutcome.Done, (await _lab.CollectAsync()).Outcome);
        Assert.Empty(_lab.Blobs.All());
    }

    [Fact]
    public async Task An_app_that_is_gone_for_good_takes_its_images_along()
    {
        await _lab.ImageAsync(_lab.Hello, "v1", ["of hello"]);
        await _lab.ImageAsync(_lab.Base, "v1", ["of base"]);
        var apps = _lab.Get<Apps.AppStore>();
        apps.Destroy(apps.Find(_lab.AppId)!);
        await _lab.LaterBy(48 * Hour).CollectAsync();
        Assert.True(_lab.Blobs.Contains(Digest.Of("of hello"u8)));

        apps.Purge(_lab.AppId);
        await _lab.CollectAsync();
        Assert.False(_lab.Blobs.Contains(Digest.Of("of hello"u8)));
        Assert.True(_lab.Blobs.Contains(Digest.Of("of base"u8)));
    }

    public void Dispose() => _lab.Dispose();
}
