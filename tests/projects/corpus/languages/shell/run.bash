#!/bin/bash
echo one # and only

echo two
