<?php

namespace Shop;

use Greeting\Greeting;

final class Page
{
    public function answer(string $path): string
    {
        return match ($path) {
            '/' => Greeting::to('PHP ' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION),
            '/drivers' => implode(' ', \PDO::getAvailableDrivers()),
            '/größe' => 'übergroß',
            default => "no page {$path}",
        } . "\n";
    }
}
